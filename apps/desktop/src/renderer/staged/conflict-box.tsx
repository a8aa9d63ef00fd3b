import { useEffect, useState } from 'react';
import { type Conflict, callApi, useApp, useConnection, useStaged } from '../stores/index.js';
import { Button, formatTime } from '../ui/index.js';

interface Author {
  readonly number: number;
  readonly author: string;
  readonly time: string;
  readonly note: string;
}

/** Someone else changed the configuration: who, what, and the way on. */
export function ConflictBox({ conflict }: { readonly conflict: Conflict }) {
  const base = useStaged((state) => state.base?.revision);
  const rebase = useStaged((state) => state.rebase);
  const authors = useAuthors(base ?? 0, conflict.theirs.revision);
  return (
    <div className="conflict" role="alert">
      <strong>
        {base === undefined || conflict.theirs.revision > base
          ? `Revision ${conflict.theirs.revision} was made meanwhile; this change is based on revision ${base}.`
          : `The daemon was started without what it had: its revision ${conflict.theirs.revision} is not what this change is based on.`}
      </strong>
      <ul>
        {authors.map(({ number, author, time, note }) => (
          <li key={number}>
            Revision {number} by {author} at {formatTime(time)}
            {note !== '' && `: ${note}`}
          </li>
        ))}
      </ul>
      <ul>
        {conflict.changes.slice(0, MAX_CHANGES).map(({ path, text, kind }) => (
          <li key={`${kind} ${path}`}>{text}</li>
        ))}
      </ul>
      {conflict.changes.length === 0 && <p>The configuration is the same nevertheless.</p>}
      {conflict.changes.length > MAX_CHANGES && <p>and {conflict.changes.length - MAX_CHANGES} more changes</p>}
      <Button onClick={rebase}>Rebase on revision {conflict.theirs.revision}</Button>
    </div>
  );
}

const MAX_CHANGES = 20;

/** Who made the revisions after `from` up to `to`. */
function useAuthors(from: number, to: number): readonly Author[] {
  const { bridge } = useApp();
  const daemon = useConnection((state) => state.selected);
  const [authors, setAuthors] = useState<readonly Author[]>([]);
  useEffect(() => {
    if (daemon === null) return;
    let isOver = false;
    const query = { before: String(to + 1), limit: String(Math.min(20, Math.max(1, to - from))) };
    void callApi(bridge, daemon, 'listRevisions', { query }).then((answer) => {
      if (!isOver && answer.ok) setAuthors(answer.value.revisions.filter(({ number }) => number > from));
    });
    return () => {
      isOver = true;
    };
  }, [bridge, daemon, from, to]);
  return authors;
}
