import { type FormEvent, useState } from 'react';
import { Dialog, DialogActions, Field } from '../ui/index.js';

export interface ConfirmNameProps {
  readonly title: string;
  /** What would come of it. */
  readonly text: string;
  /** What has to be typed. */
  readonly name: string;
  readonly action: string;
  onConfirm(): void;
  onClose(): void;
}

/** Asks for a name to be typed before something that many flows would notice. */
export function ConfirmName({ title, text, name, action, onConfirm, onClose }: ConfirmNameProps) {
  const [typed, setTyped] = useState('');
  const isRight = typed.trim() === name;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isRight) return;
    onConfirm();
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <p>{text}</p>
        <Field label={`Type ${name} to go on`}>
          {(attributes) => (
            <input
              className="input mono"
              autoFocus
              value={typed}
              spellCheck={false}
              onChange={(event) => setTyped(event.target.value)}
              {...attributes}
            />
          )}
        </Field>
        <DialogActions action={action} look="danger" disabled={!isRight} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
