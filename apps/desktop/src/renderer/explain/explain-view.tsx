import { type DragEvent, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { Button, EmptyState, Field } from '../ui/index.js';
import { ask, asked, type Question } from './asked.js';
import { CapturePanel } from './capture-panel.js';
import { sayProblem, takeFile } from './capture-store.js';
import { Explained } from './explained.js';
import { useExplanation } from './use-explanation.js';
import './explain.css';

/** What becomes of a packet, stage by stage, and what is changed in it; of a flow that is typed, or of a captured packet. */
export function ExplainView() {
  const question = useStore(asked, (state) => state.question);
  const { explained, error } = useExplanation(question);
  const [isOver, setOver] = useState(false);
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file, ...more] = event.dataTransfer.files;
    if (more.length > 0) sayProblem('Drop one capture at a time.');
    else if (file !== undefined) void takeFile(file);
  };
  const isPacket = question?.kind === 'packet';
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped can be opened by a button as well
    <div
      className={`explain ${isOver ? 'explain-over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={onDrop}
    >
      <div className="view-head">
        <h1>Explain a packet</h1>
      </div>
      <FlowForm question={question} error={isPacket ? null : error} />
      <CapturePanel />
      {isPacket && error !== null && (
        <p role="alert" className="tone-bad">
          {question.name} could not be explained: {error}
        </p>
      )}
      {explained !== null && question !== null && <Explained explained={explained} name={nameOf(question)} />}
      {question === null && (
        <EmptyState title="Which packet?">
          Type a flow, pick one in the list of flows, or choose a packet of a capture. Nothing is sent: the stages are
          asked what they would do.
        </EmptyState>
      )}
    </div>
  );
}

function nameOf(question: Question): string {
  return question.kind === 'flow' ? `next packet of ${question.flow}` : question.name;
}

function FlowForm({ question, error }: { readonly question: Question | null; readonly error: string | null }) {
  const flow = question?.kind === 'flow' ? question.flow : '';
  const [typed, setTyped] = useState(flow);
  useEffect(() => setTyped(flow), [flow]);
  return (
    <form
      className="flow-search"
      onSubmit={(event) => {
        event.preventDefault();
        ask(typed);
      }}
    >
      <Field
        label="Flow"
        help="as 198.51.100.1:1234 > 90.1.2.1:80/tcp, or 198.51.100.1 > 90.1.2.1/icmp; IPv6 in brackets"
        error={error ?? undefined}
      >
        {(attributes) => (
          <input
            {...attributes}
            className="input mono"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" look="primary" disabled={typed.trim() === ''}>
        Explain
      </Button>
    </form>
  );
}
