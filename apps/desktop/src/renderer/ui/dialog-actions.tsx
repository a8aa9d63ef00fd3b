import { Button } from './button.js';

export interface DialogActionsProps {
  /** What the form does. */
  readonly action: string;
  readonly look?: 'primary' | 'danger';
  readonly disabled?: boolean;
  onCancel(): void;
}

/** The foot of a dialog with a form: Cancel, and the button that submits it. */
export function DialogActions({ action, look = 'primary', disabled, onCancel }: DialogActionsProps) {
  return (
    <div className="dialog-actions">
      <Button onClick={onCancel}>Cancel</Button>
      <Button look={look} type="submit" disabled={disabled}>
        {action}
      </Button>
    </div>
  );
}
