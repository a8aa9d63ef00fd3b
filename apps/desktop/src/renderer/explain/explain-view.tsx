import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { callApi, useApp, useConfig, useConnection } from '../stores/index.js';
import { Button, EmptyState, Field, Panel } from '../ui/index.js';
import { ask, asked } from './asked.js';
import { compareFrames, type MarkedFrame, plainFrame } from './compare-frames.js';
import { type ExplainedFlow, explanationSchema } from './explanation.js';
import { stagesOf } from './stages.js';
import './explain.css';

/** What becomes of a packet, stage by stage, and what is changed in it. */
export function ExplainView() {
  const flow = useStore(asked, (state) => state.flow);
  const [typed, setTyped] = useState(flow);
  const { explained, error } = useExplanation(flow);
  useEffect(() => setTyped(flow), [flow]);
  return (
    <>
      <div className="view-head">
        <h1>Explain a packet</h1>
      </div>
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
      {explained !== null && <Explained explained={explained} />}
      {explained === null && error === null && flow === '' && (
        <EmptyState title="Which flow?">
          Type one, or pick one in the list of flows. Nothing is sent: the stages are asked what they would do.
        </EmptyState>
      )}
    </>
  );
}

interface Answer {
  readonly explained: ExplainedFlow | null;
  readonly error: string | null;
}
const NOTHING: Answer = { explained: null, error: null };

/** Asked again with every revision, which may have changed the answer. */
function useExplanation(flow: string): Answer {
  const { bridge } = useApp();
  const daemon = useConnection(({ selected }) => selected);
  const revision = useConfig((state) => state.revision);
  const [answer, setAnswer] = useState(NOTHING);
  useEffect(() => {
    if (daemon === null || flow === '') return setAnswer(NOTHING);
    let wanted = true;
    const explain = async (): Promise<Answer> => {
      const result = await callApi(bridge, daemon, 'explain', { query: { flow } });
      if (!result.ok)
        return { explained: null, error: [result.error.message, result.error.hint].filter(Boolean).join(': ') };
      const parsed = explanationSchema.safeParse(result.value);
      if (parsed.success) return { explained: parsed.data, error: null };
      return {
        explained: null,
        error: 'This daemon explains in a form that the app does not know: use the same version.',
      };
    };
    explain().then(
      (next) => wanted && setAnswer(next),
      (error: Error) => wanted && setAnswer({ explained: null, error: error.message }),
    );
    return () => {
      wanted = false;
    };
  }, [bridge, daemon, flow, revision]);
  return answer;
}

function Explained({ explained }: { readonly explained: ExplainedFlow }) {
  const { before, after } = explained;
  const marked = after === null ? { before: plainFrame(before), after: null } : compareFrames(before, after);
  return (
    <>
      <Panel title="Stages">
        <ol className="stages">
          {stagesOf(explained).map(({ stage, text, tone }) => (
            <li key={stage}>
              <span className="stage-name">{stage}</span>
              <span className={tone === 'plain' ? '' : `tone-${tone}`}>{text}</span>
            </li>
          ))}
        </ol>
      </Panel>
      <div className="overview-columns">
        <FramePanel title={`As received, ${before.bytes} bytes`} frame={marked.before} what="taken away" />
        {marked.after !== null && (
          <FramePanel title={`As sent, ${after!.bytes} bytes`} frame={marked.after} what="added" />
        )}
      </div>
      {marked.after !== null && (
        <p className="muted">
          <mark className="byte-other">changed</mark> <mark className="byte-only">added or taken away</mark>
        </p>
      )}
    </>
  );
}

function FramePanel({ title, frame, what }: { title: string; frame: MarkedFrame; what: string }) {
  return (
    <Panel title={title}>
      <dl className="headers">
        {frame.headers.map(({ header, isOnly, fields }, i) => (
          <div key={i}>
            <dt>
              {header} {isOnly && <mark className="byte-only">{what}</mark>}
            </dt>
            <dd>
              {fields.map(({ name, value, isOther }) => (
                <span key={name} className="header-field">
                  <span className="muted">{fieldWords(name)}</span>{' '}
                  {isOther ? <mark className="byte-other">{value}</mark> : <span className="mono">{value}</span>}
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <HexDump frame={frame} />
    </Panel>
  );
}

/** `totalLength` as `total length`. */
function fieldWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

const BYTES_OF_LINE = 16;

function HexDump({ frame: { bytes } }: { readonly frame: MarkedFrame }) {
  const lines = Array.from({ length: Math.ceil(bytes.length / BYTES_OF_LINE) }, (_, i) => i * BYTES_OF_LINE);
  return (
    <pre className="hex">
      {lines.map((from) => (
        <div key={from}>
          <span className="muted">{from.toString(16).padStart(4, '0')} </span>
          {bytes.slice(from, from + BYTES_OF_LINE).map(({ hex, mark }, i) => (
            <span key={i}>
              {i % 2 === 0 && ' '}
              {mark === 'same' ? hex : <mark className={`byte-${mark}`}>{hex}</mark>}
            </span>
          ))}
        </div>
      ))}
    </pre>
  );
}
