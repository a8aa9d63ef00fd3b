import type { FlowLookup } from '@lb/control/client';
import { useState } from 'react';
import { ask } from '../explain/asked.js';
import { type ApiResult, callApi, useApp, useConnection } from '../stores/index.js';
import { Button, Field, formatCount, formatDuration } from '../ui/index.js';

/** Looks for one flow in the flow tables. */
export function FlowSearch() {
  const { bridge, stores } = useApp();
  const daemon = useConnection(({ selected }) => selected);
  const [typed, setTyped] = useState('');
  const [answer, setAnswer] = useState<ApiResult<FlowLookup> | null>(null);
  const search = async () => {
    if (daemon === null) return;
    setAnswer(await callApi(bridge, daemon, 'lookupFlow', { query: { flow: typed } }));
  };
  const error = answer !== null && !answer.ok ? [answer.error.message, answer.error.hint] : [];
  return (
    <form
      className="flow-search"
      onSubmit={(event) => {
        event.preventDefault();
        void search();
      }}
    >
      <Field
        label="Find one flow"
        help="as 198.51.100.1:1234 > 90.1.2.1:80/tcp; IPv6 in brackets"
        error={error.length === 0 ? undefined : error.filter((part) => part !== undefined).join(': ')}
      >
        {(attributes) => (
          <input
            {...attributes}
            className="input mono"
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setAnswer(null);
            }}
          />
        )}
      </Field>
      <Button type="submit" disabled={typed.trim() === ''}>
        Find
      </Button>
      <Button
        disabled={typed.trim() === ''}
        onClick={() => {
          ask(typed);
          stores.view.getState().show('explain');
        }}
      >
        Explain
      </Button>
      {answer?.ok && <Found lookup={answer.value} />}
    </form>
  );
}

function Found({ lookup: { flow, entry } }: { readonly lookup: FlowLookup }) {
  if (entry === null) {
    return (
      <p role="status">
        <span className="mono">{flow}</span> is in no flow table: its next packet is balanced anew.
      </p>
    );
  }
  const age = entry.ageSec === null ? '' : `, since ${formatDuration(entry.ageSec * 1000)}`;
  return (
    <p role="status">
      <span className="mono">{flow}</span> is on AS <strong>{entry.as}</strong> of VIP {entry.vip}
      {age}
      {entry.state === null ? '' : `, ${entry.state}`}; worker {entry.worker}, bucket {formatCount(entry.bucket)},
      expires in {formatDuration(entry.expiresInSec * 1000)} without packets.
    </p>
  );
}
