import { FIELDS } from '@lb/control';
import { useEffect, useState } from 'react';

const { min, max } = FIELDS.weight;

export interface WeightControlProps {
  readonly label: string;
  readonly weight: number;
  readonly disabled: boolean;
  onCommit(weight: number): void;
}

/** A weight by slider and by number. It counts when the slider is let go, or the number is entered. */
export function WeightControl({ label, weight, disabled, onCommit }: WeightControlProps) {
  const [text, setText] = useState(String(weight));
  useEffect(() => setText(String(weight)), [weight]);
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  const isRight = value >= min && value <= max;
  const commit = () => {
    if (!isRight) setText(String(weight));
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
        aria-invalid={!isRight}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
        {...common}
      />
    </span>
  );
}
