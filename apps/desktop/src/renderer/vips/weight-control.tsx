import { acceptsText, FIELDS } from '@lb/control';
import { useEffect, useId, useState } from 'react';

const { min, max } = FIELDS.weight;

export interface WeightControlProps {
  readonly label: string;
  readonly weight: number;
  readonly disabled: boolean;
  onCommit(weight: number): void;
  /** What was entered is no weight; it stays in the field, until Escape or another weight. */
  onWrong(reason: string): void;
}

/** A weight by slider and by number. It counts when the slider is let go, or the number is entered. */
export function WeightControl({ label, weight, disabled, onCommit, onWrong }: WeightControlProps) {
  const id = useId();
  const [text, setText] = useState(String(weight));
  useEffect(() => setText(String(weight)), [weight]);
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  const isRight = value >= min && value <= max;
  const reason = `must be ${acceptsText(FIELDS.weight)}, got '${text}'`;
  const commit = () => {
    if (!isRight) onWrong(reason);
    else if (value !== weight) onCommit(value);
  };
  const common = { min, max, disabled, onBlur: commit };
  return (
    <span className="weight">
      <input
        type="range"
        aria-label={`Weight of ${label}, slider`}
        value={isRight ? value : weight}
        onChange={(event) => setText(event.target.value)}
        onPointerUp={commit}
        onKeyUp={commit}
        {...common}
      />
      <input
        type="number"
        className="input"
        aria-label={`Weight of ${label}`}
        {...(!isRight && { 'aria-invalid': true, 'aria-describedby': id, title: reason })}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
          if (event.key === 'Escape') setText(String(weight));
        }}
        {...common}
      />
      {!isRight && (
        <span id={id} className="visually-hidden" role="alert">
          {reason}
        </span>
      )}
    </span>
  );
}
