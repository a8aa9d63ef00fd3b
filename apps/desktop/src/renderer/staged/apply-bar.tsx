import { useEffect, useState } from 'react';
import { SHORTCUTS } from '../app/shortcuts.js';
import { blockedBy, useApp, useStaged, useView } from '../stores/index.js';
import { Button, Field, Kbd } from '../ui/index.js';
import { applyText } from './apply-text.js';

/** Discard, or apply as the next revision, with a note for the history. */
export function ApplyBar() {
  const { actions } = useApp();
  const staged = useStaged((state) => state);
  const note = useView((state) => state.note);
  const setNote = useView((state) => state.setNote);
  const [isApplying, setApplying] = useState(false);
  const [error, setError] = useState<string>();
  const blocked = blockedBy(staged);
  // What was refused is another change now.
  useEffect(() => setError(undefined), [staged.edits, staged.base]);
  const discard = () => {
    staged.discard();
    actions.say(`Discarded; ${SHORTCUTS.undo} brings it back`);
  };
  const apply = async () => {
    setApplying(true);
    setError(undefined);
    try {
      const result = await actions.apply();
      if (result?.kind === 'failed') setError(failureText(result.error));
      if (result?.kind === 'applied') actions.say(applyText(result));
    } catch (reason) {
      setError(String(reason));
    } finally {
      setApplying(false);
    }
  };
  return (
    <div className="apply-bar">
      <Field label="Note for the history">
        {(attributes) => (
          <input
            className="input"
            value={note}
            maxLength={1000}
            onChange={(event) => setNote(event.target.value)}
            {...attributes}
          />
        )}
      </Field>
      {blocked === null && (
        <p className="muted">
          <Kbd keys={SHORTCUTS.apply} /> applies · <Kbd keys={SHORTCUTS.undo} /> undoes
        </p>
      )}
      {blocked !== null && <p className="tone-warn">{blocked}</p>}
      {error !== undefined && (
        <p className="tone-bad" role="alert">
          {error}
        </p>
      )}
      <div className="apply-buttons">
        <Button onClick={discard}>Discard</Button>
        <Button look="primary" disabled={blocked !== null || isApplying} onClick={() => void apply()}>
          Apply as revision {((staged.conflict?.theirs ?? staged.base)?.revision ?? 0) + 1}
        </Button>
      </div>
    </div>
  );
}

function failureText({ message, hint, code }: { message: string; hint?: string; code: string }): string {
  return `${message}${hint === undefined ? '' : `; ${hint}`} (${code})`;
}
