import { SHORTCUTS } from '../app/shortcuts.js';
import { usePreview, useStaged } from '../stores/index.js';
import { EmptyState, Kbd } from '../ui/index.js';
import { WhatIfFigures } from '../whatif/index.js';
import { ApplyBar } from './apply-bar.js';
import { ConflictBox } from './conflict-box.js';
import { FlushNotes } from './flush-notes.js';
import { StagedLines } from './staged-lines.js';

/** What will my change do: the staged lines, their consequences, and Apply. */
export function StagedPanel() {
  const edits = useStaged((state) => state.edits.length);
  const conflict = useStaged((state) => state.conflict);
  const plan = usePreview((state) => state.plan);
  return (
    <>
      <div className="staged-panel">
        <h1>{edits === 0 ? 'What if' : 'What if: staged change'}</h1>
        {edits === 0 ? (
          <EmptyState title="Nothing is staged">
            <p>Edit weights, states, VIPs: what they would change is shown here before anything happens.</p>
            <p>
              <Kbd keys={SHORTCUTS.palette} /> takes command lines, <Kbd keys="Ctrl V" /> pastes them.
            </p>
          </EmptyState>
        ) : (
          <>
            <StagedLines />
            {conflict !== null && <ConflictBox conflict={conflict} />}
            <FlushNotes />
            {plan !== null && <WhatIfFigures plan={plan} />}
          </>
        )}
      </div>
      {edits > 0 && <ApplyBar />}
    </>
  );
}
