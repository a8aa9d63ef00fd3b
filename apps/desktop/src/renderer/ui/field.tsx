import { type ReactNode, useId } from 'react';

export interface FieldProps {
  readonly label: string;
  /** What it is for, or what is accepted. */
  readonly help?: string;
  /** What is wrong with the value, with what would be accepted. */
  readonly error?: string | undefined;
  readonly unit?: string;
  /** Makes the control with these attributes, which tie it to label, help and error. */
  children(attributes: FieldAttributes): ReactNode;
}

export interface FieldAttributes {
  readonly id: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: true;
}

/** A labelled control of a form, with its error beside it. */
export function Field({ label, help, error, unit, children }: FieldProps) {
  const id = useId();
  const about = `${id}-about`;
  const text = error ?? help;
  return (
    <div className={`field ${error === undefined ? '' : 'field-wrong'}`}>
      <label htmlFor={id}>{label}</label>
      <div className="field-control">
        {children({
          id,
          ...(text !== undefined && { 'aria-describedby': about }),
          ...(error !== undefined && { 'aria-invalid': true }),
        })}
        {unit !== undefined && <span className="field-unit">{unit}</span>}
      </div>
      {text !== undefined && (
        <p id={about} className="field-text" role={error === undefined ? undefined : 'alert'}>
          {text}
        </p>
      )}
    </div>
  );
}
