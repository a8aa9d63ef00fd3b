import { describeVip } from '@lb/control';
import type { ExplainedFlow } from './explanation.js';

/** What a stage decided, in words. */
export interface Stage {
  readonly stage: string;
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'bad';
}

/** The way of a packet through the stages, as far as it came. */
export function stagesOf(explained: ExplainedFlow): readonly Stage[] {
  const { hash } = explained;
  const stages: (Stage | null)[] = [
    parseStage(explained),
    classifyStage(explained),
    hash && plain('hash', `${hash.kind}: flow ${hash.identity}, ${hex(hash.value)} for the bucket`),
    selectStage(explained),
    rewriteStage(explained),
    verdictStage(explained),
  ];
  return stages.filter((stage) => stage !== null);
}

function parseStage({ flow }: ExplainedFlow): Stage {
  if (flow === null) return plain('parse', 'no IP packet that could be read');
  const { source, sourcePort, destination, destinationPort, protocol } = flow;
  const family = source.includes(':') ? 'IPv6' : 'IPv4';
  const name = /^\d+$/.test(protocol) ? `protocol ${protocol}` : protocol.toUpperCase();
  return plain(
    'parse',
    `${family}, ${name} ${endpoint(source, sourcePort)} > ${endpoint(destination, destinationPort)}`,
  );
}

function endpoint(address: string, port: number | null): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function classifyStage({ vip, prefixes, flow, verdict }: ExplainedFlow): Stage | null {
  // It was not looked at.
  if (flow === null || verdict === 'hold') return null;
  if (vip !== null) {
    const { prefix, protocol, port } = vip;
    const ref = { prefix, ...(port !== null && { port }), ...(protocol !== null && { protocol }) };
    const others = prefixes.length > 1 ? `; of ${prefixes.join(', ')} the longest prefix decides` : '';
    return plain('classify', `VIP ${describeVip(ref)}${others}`);
  }
  const text =
    prefixes.length === 0
      ? `no VIP holds ${flow.destination}`
      : `${prefixes.join(', ')} holds ${flow.destination}, but no VIP there takes this protocol and port`;
  return { stage: 'classify', text, tone: 'bad' };
}

function selectStage({ flowTable, bucket, vip, as }: ExplainedFlow): Stage | null {
  if (flowTable === null) return null;
  const server = as === null ? 'no server' : `AS ${as.address} (weight ${as.weight})`;
  if (flowTable === 'hit') return plain('select', `established flow: ${server}, by the flow table`);
  const text = `new flow: bucket ${bucket ?? '?'} of ${vip?.newLen ?? '?'}, ${server}`;
  return { stage: 'select', text, tone: as === null ? 'bad' : 'plain' };
}

function rewriteStage({ before, after, vip }: ExplainedFlow): Stage | null {
  if (after === null || vip === null) return null;
  const longer = after.bytes - before.bytes;
  const length = longer === 0 ? 'the same length' : `${Math.abs(longer)} bytes ${longer > 0 ? 'longer' : 'shorter'}`;
  return plain('rewrite', `${vip.encap}: ${length}`);
}

function verdictStage({ verdict, reason, after }: ExplainedFlow): Stage {
  if (verdict === 'forward' && after !== null) {
    return { stage: 'forward', text: `sent, ${after.bytes} bytes`, tone: 'good' };
  }
  if (verdict === 'hold') return plain('verdict', 'hold: a later fragment waits for the first of its packet');
  const isSent = verdict === 'forward' || verdict === 'reply';
  return { stage: 'verdict', text: reason === null ? verdict : `${verdict}: ${reason}`, tone: isSent ? 'good' : 'bad' };
}

function plain(stage: string, text: string): Stage {
  return { stage, text, tone: 'plain' };
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
