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
            <pre>
              {lines.slice(0, MAX_LINES).map((line, i) => (
                <span key={i} className={isTaking(line) ? 'tone-bad' : undefined}>
                  {i === 0 ? line : `\n${line}`}
                </span>
              ))}
            </pre>
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

/** Whether something goes by the line: a VIP, an AS, or established flows. */
function isTaking(line: string): boolean {
  return /^lb (vip|as) .* del\b|^lb flush /.test(line);
}

/** Shown of one edit. */
const MAX_LINES = 50;
