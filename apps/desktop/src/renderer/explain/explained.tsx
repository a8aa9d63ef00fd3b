import { useMemo } from 'react';
import { countOf, formatCount, Panel } from '../ui/index.js';
import { compareFrames, type FrameChange, frameChanges, type MarkedFrame, plainFrame } from './compare-frames.js';
import type { ExplainedFlow } from './explanation.js';
import { HexDump } from './hex-dump.js';
import { stagesOf } from './stages.js';

/** What became of a packet: the stages it went through, what changed in it, and its bytes before and after. */
export function Explained({ explained, name }: { readonly explained: ExplainedFlow; readonly name: string }) {
  const { before, after } = explained;
  const frames = useMemo(
    () => (after === null ? null : compareFrames(before.hex, after.hex)),
    [before.hex, after?.hex],
  );
  const plain = useMemo(() => plainFrame(before.hex), [before.hex]);
  return (
    <>
      <Panel title="Stages" tools={<span className="mono">{name}</span>}>
        <ol className="stages">
          {stagesOf(explained).map(({ stage, text, tone }) => (
            <li key={stage}>
              <span className="stage-name">{stage}</span>
              <span className={tone === 'plain' ? '' : `tone-${tone}`}>{text}</span>
            </li>
          ))}
        </ol>
      </Panel>
      {frames !== null && <Changes changes={frameChanges(frames)} />}
      <div className="frames">
        <FramePanel title="As received" frame={frames?.before ?? plain} what="taken away" />
        {frames !== null && <FramePanel title="As sent" frame={frames.after} what="added" />}
      </div>
    </>
  );
}

function Changes({ changes }: { readonly changes: readonly FrameChange[] }) {
  return (
    <Panel
      title="What changes"
      tools={
        <span className="muted">
          in the bytes below: <mark className="byte-other">changed</mark>,{' '}
          <mark className="byte-only">added or taken away</mark>
        </span>
      }
    >
      {changes.length === 0 ? (
        <p className="muted">Nothing: it is sent as it came.</p>
      ) : (
        <table className="changes">
          <thead>
            <tr>
              <th scope="col">bytes</th>
              <th scope="col">field</th>
              <th scope="col">received</th>
              <th scope="col">sent</th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ at, bytes, header, field, from, to }) => (
              <tr key={`${at} ${field} ${from === null}`}>
                <td className="mono">{bytes === 1 ? at : `${at}–${at + bytes - 1}`}</td>
                <td>
                  {header} {field ?? `header ${from === null ? 'added' : 'taken away'}`}
                </td>
                <td className="mono">{from ?? '–'}</td>
                <td className="mono">{to ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function FramePanel({ title, frame, what }: { title: string; frame: MarkedFrame; what: string }) {
  const { bytes, headers } = frame;
  return (
    <Panel title={`${title}, ${countOf(bytes.length, 'byte')}`}>
      <HexDump label={`Bytes ${title.toLowerCase()}`} frame={frame} />
      <dl className="headers">
        {headers.map(({ name, at, bytes: length, isOnly, fields }) => (
          <div key={at}>
            <dt>
              {name}{' '}
              <span className="muted">
                at {formatCount(at)}, {countOf(length, 'byte')}
              </span>{' '}
              {isOnly && <mark className="byte-only">{what}</mark>}
            </dt>
            <dd>
              {fields.map(({ name: field, value, other, at: place }) => (
                <span key={field} className="header-field" title={`byte ${place}`}>
                  <span className="muted">{field}</span>{' '}
                  {other === undefined ? (
                    <span className="mono">{value}</span>
                  ) : (
                    <mark className="byte-other">{value}</mark>
                  )}
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
