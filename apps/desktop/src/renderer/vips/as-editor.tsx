import { type AsConfig, describeVip, FIELDS, type VipRef } from '@lb/control';
import { type FormEvent, useMemo, useState } from 'react';
import { useApp, useStaged } from '../stores/index.js';
import { countOf, Dialog, DialogActions, Field } from '../ui/index.js';
import { asValues, checkAsForm, NEW_ASS } from './as-form.js';
import { FormControl, focusWrong } from './form-control.js';
import type { FormErrors, FormValues } from './form-value.js';

const NO_ERRORS: FormErrors = new Map();

export interface AsEditorProps {
  readonly vip: VipRef;
  /** What is edited; empty: new ones are added. */
  readonly ass: readonly AsConfig[];
  /** The state that the form begins with, instead of the one that they have. */
  readonly state?: AsConfig['state'] | undefined;
  onClose(): void;
}

/** Adds ASs, or changes weight and state of some; the result is staged as a command line. */
export function AsEditor({ vip, ass, state, onClose }: AsEditorProps) {
  const { actions } = useApp();
  const config = useStaged(({ result }) => result);
  const isNew = ass.length === 0;
  const before = useMemo(() => (isNew ? null : asValues(ass)), [isNew, ass]);
  const [values, setValues] = useState<FormValues>({ ...(before ?? NEW_ASS), ...(state !== undefined && { state }) });
  const [errors, setErrors] = useState(NO_ERRORS);
  if (config === null) return null;
  const change = (name: string, value: string) => {
    const next = { ...values, [name]: value };
    setValues(next);
    if (errors.size > 0) setErrors(checkAsForm(config, vip, next, before).errors ?? NO_ERRORS);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const { line, errors: found } = checkAsForm(config, vip, values, before);
    if (line === undefined) {
      setErrors(found);
      return focusWrong(form);
    }
    actions.stageLines([line]);
    onClose();
  };
  const control = (name: string, label: string, field: (typeof FIELDS)[keyof typeof FIELDS]) => (
    <FormControl
      label={label}
      field={field}
      value={values[name] ?? ''}
      error={errors.get(name)}
      emptyText={isNew ? undefined : 'as it is'}
      slider={name === 'weight'}
      onChange={(value) => change(name, value)}
    />
  );
  const title = isNew
    ? 'Add application servers to'
    : `Edit ${ass.length === 1 ? ass[0]!.address : countOf(ass.length, 'AS')} of`;
  return (
    <Dialog title={`${title} ${describeVip(vip)}`} onClose={onClose}>
      <form className="form" noValidate onSubmit={submit}>
        {isNew && (
          <Field label="Addresses" help="One a line" error={errors.get('addresses')}>
            {(attributes) => (
              <textarea
                className="input mono"
                rows={4}
                autoFocus
                value={values.addresses}
                spellCheck={false}
                onChange={(event) => change('addresses', event.target.value)}
                {...attributes}
              />
            )}
          </Field>
        )}
        <div className="form-grid">
          {control('weight', 'Weight', FIELDS.weight)}
          {control('over', 'Reached over', FIELDS.rampSeconds)}
          {control('state', 'State', FIELDS.state)}
          {values.state === 'draining' && control('deadline', 'Flows are cut after', FIELDS.deadline)}
        </div>
        {(errors.get('') ?? (isNew ? undefined : errors.get('addresses'))) !== undefined && (
          <p className="tone-bad" role="alert">
            {errors.get('') ?? errors.get('addresses')}
          </p>
        )}
        <DialogActions action="Stage" onCancel={onClose} />
      </form>
    </Dialog>
  );
}
