import { type FormEvent, useState } from 'react';
import { useApp, useStaged } from '../stores/index.js';
import { Dialog, DialogActions } from '../ui/index.js';
import { FormControl, focusWrong } from '../vips/form-control.js';
import type { FormErrors, FormValues } from '../vips/form-value.js';
import { checkSettings, SETTING_GROUPS, settingLines, settingValues } from './settings-form.js';
import './settings.css';

const NO_ERRORS: FormErrors = new Map();

/** Changes settings of the whole configuration; the result is staged. */
export function SettingsEditor({ onClose }: { onClose(): void }) {
  const { actions } = useApp();
  const config = useStaged((state) => state.result);
  const [values, setValues] = useState<FormValues | null>(config === null ? null : settingValues(config));
  const [errors, setErrors] = useState(NO_ERRORS);
  if (config === null || values === null) return null;
  const change = (name: string, value: string) => {
    const next = { ...values, [name]: value };
    setValues(next);
    // Once something was wrong, what is typed is checked at once.
    if (errors.size > 0) setErrors(checkSettings(config, next).errors ?? NO_ERRORS);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const { config: after, errors: found } = checkSettings(config, values);
    if (after === undefined) {
      setErrors(found);
      return focusWrong(form);
    }
    const lines = settingLines(config, after);
    const problems = lines.length === 0 ? [] : actions.stageLines(lines);
    if (problems.length > 0) return setErrors(new Map([['', problems.map(({ message }) => message).join('; ')]]));
    onClose();
  };
  return (
    <Dialog title="Settings of the balancer" onClose={onClose}>
      <form className="form" noValidate onSubmit={submit}>
        {SETTING_GROUPS.map(({ title, note, fields }) => (
          <fieldset key={title} className="setting-group">
            <legend>{title}</legend>
            <div className="form-grid">
              {fields.map(({ name, label, field, emptyText }) => (
                <FormControl
                  key={name}
                  label={label}
                  field={field}
                  emptyText={emptyText?.(values)}
                  value={values[name] ?? ''}
                  error={errors.get(name)}
                  onChange={(value) => change(name, value)}
                />
              ))}
            </div>
            {note !== undefined && <p className="muted">{note}</p>}
          </fieldset>
        ))}
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
