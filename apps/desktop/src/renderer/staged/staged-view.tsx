import { problemText } from '@lb/control';
import { SHORTCUTS } from '../app/shortcuts.js';
import { useConfig, usePreview, useStaged } from '../stores/index.js';
import { Button, countOf, EmptyState, Panel } from '../ui/index.js';
import { StagedLines } from './staged-lines.js';

/** The staged change in full: its lines, and what they change in the configuration. */
export function StagedView() {
  const { edits, warnings, past, future, undo, redo } = useStaged((state) => state);
  const plan = usePreview((state) => state.plan);
  const revision = useConfig((state) => state.revision);
  return (
    <>
      <Panel
        title="Staged change"
        tools={
          <>
            <Button shortcut={SHORTCUTS.undo} disabled={past.length === 0} onClick={undo}>
              Undo
            </Button>
            <Button shortcut={SHORTCUTS.redo} disabled={future.length === 0} onClick={redo}>
              Redo
            </Button>
          </>
        }
      >
        {edits.length === 0 ? (
          <EmptyState title="Nothing is staged">
            Revision {revision} is what serves. Edits gather here until they are applied.
          </EmptyState>
        ) : (
          <StagedLines />
        )}
      </Panel>
      {plan !== null && (
        <Panel title={`In the configuration: ${countOf(plan.changes.length, 'change')}`}>
          <ul className="changes">
            {plan.changes.slice(0, MAX_CHANGES).map(({ kind, path, text }) => (
              <li key={`${kind} ${path}`}>{text}</li>
            ))}
          </ul>
          {plan.changes.length > MAX_CHANGES && <p className="muted">and {plan.changes.length - MAX_CHANGES} more</p>}
        </Panel>
      )}
      {warnings.length > 0 && (
        <Panel title="Warnings about the configuration">
          <ul className="changes">
            {warnings.map((warning) => (
              <li key={problemText(warning)} className="tone-warn">
                {problemText(warning)}
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}

const MAX_CHANGES = 200;
