import { Button } from '../ui/index.js';

/** What was said last; `at` tells one from the next with the same words. */
export interface Said {
  readonly text: string;
  readonly isComplaint: boolean;
  readonly at: number;
}

export const NOTHING_SAID: Said = { text: '', isComplaint: false, at: 0 };

/** Why something was not done, until it is dismissed; screen readers say it at once. */
export function Notice({ said, onDismiss }: { readonly said: Said; onDismiss(): void }) {
  return (
    <div className="notice-place" role="alert">
      {said.isComplaint && said.text !== '' && (
        <div className="notice">
          <span>{said.text}</span>
          <Button look="quiet" aria-label="Dismiss" onClick={onDismiss}>
            ×
          </Button>
        </div>
      )}
    </div>
  );
}
