import type { Field as SchemaField } from '@lb/control';
import { Field } from '../ui/index.js';
import { helpOf } from './form-value.js';

export interface FormControlProps {
  readonly label: string;
  readonly field: SchemaField;
  readonly value: string;
  readonly error: string | undefined;
  readonly disabled?: boolean;
  /** What no choice means; without it one has to be made. */
  readonly emptyText?: string | undefined;
  onChange(value: string): void;
}

/** The control for a field of the schema: a choice, a box to tick, or text. */
export function FormControl({ label, field, value, error, disabled, emptyText, onChange }: FormControlProps) {
  const help = helpOf(field);
  const unit = field.kind === 'number' ? field.unit : undefined;
  return (
    <Field label={label} error={error} {...(help !== '' && { help })} {...(unit !== undefined && { unit })}>
      {(attributes) => {
        if (field.kind === 'choice') {
          return (
            <select
              className="select"
              value={value}
              disabled={disabled}
              onChange={(event) => onChange(event.target.value)}
              {...attributes}
            >
              {emptyText !== undefined && <option value="">{emptyText}</option>}
              {field.choices.map((choice) => (
                <option key={choice}>{choice}</option>
              ))}
            </select>
          );
        }
        if (field.kind === 'flag') {
          return (
            <input
              type="checkbox"
              checked={value === 'true'}
              onChange={(event) => onChange(event.target.checked ? 'true' : '')}
              {...attributes}
            />
          );
        }
        return (
          <input
            className="input"
            value={value}
            disabled={disabled}
            inputMode={field.kind === 'number' ? 'decimal' : 'text'}
            spellCheck={false}
            onChange={(event) => onChange(event.target.value)}
            {...attributes}
          />
        );
      }}
    </Field>
  );
}

/** Goes to the first field that is wrong, once it is marked so. */
export function focusWrong(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
