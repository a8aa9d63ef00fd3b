import { describeVip, type VipConfig, vipId } from '@lb/control';
import { type FormEvent, useState } from 'react';
import { useApp, useStaged } from '../stores/index.js';
import { Dialog, DialogActions, Field } from '../ui/index.js';
import { FormControl, focusWrong } from './form-control.js';
import type { FormErrors, FormValues } from './form-value.js';
import {
  addVipEdit,
  CHECK_FORM_FIELDS,
  changeVipEdit,
  checkVipForm,
  type FormField,
  NAME_FIELDS,
  NEW_VIP,
  SETTING_FIELDS,
  vipValues,
} from './vip-form.js';

const NO_ERRORS: FormErrors = new Map();

/** Adds a VIP, or changes the settings of one; the result is staged. */
export function VipEditor({ before, onClose }: { readonly before?: VipConfig | undefined; onClose(): void }) {
  const { actions, stores } = useApp();
  const config = useStaged((state) => state.result);
  const [values, setValues] = useState<FormValues>(before === undefined ? NEW_VIP : vipValues(before));
  const [errors, setErrors] = useState(NO_ERRORS);
  if (config === null) return null;
  const change = (name: string, value: string) => {
    const next = { ...values, [name]: value };
    setValues(next);
    // Once something was wrong, what is typed is checked at once.
    if (errors.size > 0) setErrors(checkVipForm(config, next, before).errors ?? NO_ERRORS);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const { vip, errors: found } = checkVipForm(config, values, before);
    if (vip === undefined) {
      setErrors(found);
      return focusWrong(form);
    }
    const edits = before === undefined ? [addVipEdit(vip)] : [changeVipEdit(before, vip) ?? []].flat();
    const problems = actions.stage(edits);
    if (problems.length > 0) return setErrors(new Map([['', problems.map(({ message }) => message).join('; ')]]));
    stores.view.getState().selectVip(vipId(vip));
    onClose();
  };
  const controls = (fields: readonly FormField[], isFixed = false) =>
    fields
      .filter(({ appliesTo }) => appliesTo(values))
      .map(({ name, label, field, emptyText }) => (
        <FormControl
          key={name}
          label={label}
          field={field}
          emptyText={emptyText}
          value={values[name] ?? ''}
          error={errors.get(name)}
          disabled={isFixed}
          onChange={(value) => change(name, value)}
        />
      ));
  return (
    <Dialog title={before === undefined ? 'Add a VIP' : `Edit VIP ${describeVip(before)}`} onClose={onClose}>
      <form className="form" noValidate onSubmit={submit}>
        <div className="form-grid">{controls(NAME_FIELDS, before !== undefined)}</div>
        <div className="form-grid">{controls(SETTING_FIELDS)}</div>
        <div className="form-grid">{controls(CHECK_FORM_FIELDS)}</div>
        {before === undefined && (
          <Field label="Application servers" help="Addresses, one a line" error={errors.get('ass')}>
            {(attributes) => (
              <textarea
                className="input mono"
                rows={4}
                value={values.ass ?? ''}
                spellCheck={false}
                onChange={(event) => change('ass', event.target.value)}
                {...attributes}
              />
            )}
          </Field>
        )}
        {errors.has('') && (
          <p className="tone-bad" role="alert">
            {errors.get('')}
          </p>
        )}
        <DialogActions action="Stage" onCancel={onClose} />
      </form>
    </Dialog>
  );
}
