import type { VipConfig } from '@lb/control';
import { type FormEvent, useMemo, useState } from 'react';
import { useApp } from '../stores/index.js';
import { countOf, Dialog, DialogActions } from '../ui/index.js';
import { bulkErrors, bulkVipEdits, commonValues, mixedNames } from './bulk-form.js';
import { FormControl, focusWrong } from './form-control.js';
import type { FormErrors } from './form-value.js';
import { CHECK_FORM_FIELDS, type FormField, SETTING_FIELDS } from './vip-form.js';

const NO_ERRORS: FormErrors = new Map();

/** Changes settings of several VIPs alike; what is left as it is stays different. Staged as one step. */
export function VipsEditor({ vips, onClose }: { readonly vips: readonly VipConfig[]; onClose(): void }) {
  const { actions } = useApp();
  const before = useMemo(() => commonValues(vips), [vips]);
  const mixed = useMemo(() => mixedNames(vips), [vips]);
  const [values, setValues] = useState(before);
  const [errors, setErrors] = useState(NO_ERRORS);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const problems = actions.stage(bulkVipEdits(vips, before, values));
    if (problems.length === 0) return onClose();
    setErrors(bulkErrors(problems));
    focusWrong(form);
  };
  const control = ({ name, label, field, emptyText }: FormField) => (
    <FormControl
      key={name}
      label={label}
      field={field}
      emptyText={mixed.has(name) ? 'as they are' : emptyText}
      value={values[name] ?? ''}
      error={errors.get(name)}
      onChange={(value) => setValues({ ...values, [name]: value })}
    />
  );
  const grid = (fields: readonly FormField[]) => (
    <div className="form-grid">{fields.filter(({ appliesTo }) => appliesTo(values)).map(control)}</div>
  );
  return (
    <Dialog title={`Edit ${countOf(vips.length, 'VIP')}`} onClose={onClose}>
      <form className="form" noValidate onSubmit={submit}>
        {grid(SETTING_FIELDS)}
        {grid(CHECK_FORM_FIELDS)}
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
