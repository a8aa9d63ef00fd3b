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
  /** A number that is set by a slider as well. */
  readonly slider?: boolean;
  onChange(value: string): void;
}

/** The control for a field of the schema: a choice, a box to tick, or text. */
export function FormControl({ label, field, value, error, disabled, emptyText, slider, onChange }: FormControlProps) {
  const help = helpOf(field);
  const unit = field.kind === 'number' ? field.unit : undefined;
  return (
    <Field label={label} error={error} {...(help !== '' && { help })} {...(unit !== undefined && { unit })}>
      {(attributes) => {
        if (field.kind === 'choice' || (field.kind === 'flag' && emptyText !== undefined)) {
          return (
            <select
              className="select"
              value={value}
              disabled={disabled}
              onChange={(event) => onChange(event.target.value)}
              {...attributes}
            >
              {emptyText !== undefined && <option value="">{emptyText}</option>}
              {field.kind === 'flag' ? (
                <>
                  <option value="true">yes</option>
                  <option value="false">no</option>
                </>
              ) : (
                field.choices.map((choice) => <option key={choice}>{choice}</option>)
              )}
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
        const text = (
          <input
            className={slider ? 'input short' : 'input'}
            value={value}
            disabled={disabled}
            inputMode={field.kind === 'number' ? 'decimal' : 'text'}
            spellCheck={false}
            onChange={(event) => onChange(event.target.value)}
            placeholder={emptyText}
            {...attributes}
          />
        );
        if (!slider || field.kind !== 'number') return text;
        return (
          <>
            <input
              type="range"
              className="slider"
              aria-label={`${label}, slider`}
              min={field.min}
              max={field.max}
              value={/^\d+$/.test(value) ? value : field.max}
              onChange={(event) => onChange(event.target.value)}
            />
            {text}
          </>
        );
      }}
    </Field>
  );
}

/** Goes to the first field that is wrong, once it is marked so. */
export function focusWrong(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
