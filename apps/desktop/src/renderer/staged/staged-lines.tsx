import { problemText } from '@lb/control';
import { editLines, useStaged } from '../stores/index.js';
import { Button } from '../ui/index.js';

/** The staged edits as the lines they stand for, each with what keeps it from being applied. */
export function StagedLines() {
  const edits = useStaged((state) => state.edits);
  const problems = useStaged((state) => state.problems);
  const removeEdit = useStaged((state) => state.removeEdit);
  return (
    <ol className="staged-lines" aria-label="Staged edits">
      {edits.map((edit, index) => {
        const failed = problems.find((problem) => problem.index === index);
        const lines = editLines(edit);
        return (
          <li key={index} className={failed === undefined ? '' : 'staged-failed'}>
            <pre>{lines.slice(0, MAX_LINES).join('\n')}</pre>
            {lines.length > MAX_LINES && <span className="muted">and {lines.length - MAX_LINES} more</span>}
            {failed?.problems.map((problem) => (
              <p key={problemText(problem)} className="tone-bad" role="alert">
                {problemText(problem)}
              </p>
            ))}
            <Button
              look="quiet"
              aria-label={`Remove edit ${index + 1}`}
              title="Remove"
              onClick={() => removeEdit(index)}
            >
              ×
            </Button>
          </li>
        );
      })}
    </ol>
  );
}

/** Shown of one edit. */
const MAX_LINES = 50;
