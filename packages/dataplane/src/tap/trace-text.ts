import type { TapFrame, TapRecord } from './tap-record.js';

/** Names for a trace; what has none is called by its number. */
export interface TapNames {
  vip(slot: number): string | undefined;
  as(slot: number): string | undefined;
  /** Interface of a queue. */
  queue?(worker: number, queue: number): string | undefined;
}

/**
 * What became of a packet, stage by stage: a line with its time and worker, then one for each stage that had something to
 * say, in the way of `lb explain`.
 */
export function traceText(record: TapRecord, names: TapNames): string {
  const stages: (readonly [string, string | undefined])[] = [
    ['rx', receivedText(record, names)],
    ['parse', parseText(record)],
    ['classify', vipText(record, names)],
    ['select', selectText(record, names)],
    ['rewrite', rewriteText(record)],
    ['verdict', verdictText(record)],
    ['tx', sentText(record, names)],
  ];
  const lines = stages.flatMap(([name, text]) => (text === undefined ? [] : [`  ${name.padEnd(9)} ${text}`]));
  return `${[`${timeText(record)}  worker ${record.worker}`, ...lines].join('\n')}\n`;
}

/** The same in one line, without what stands in the packet itself: the comment in a capture file. */
export function traceLine(record: TapRecord, names: TapNames): string {
  const { vipSlot, asSlot, bucket, identity } = record;
  const parts = [
    verdictText(record),
    vipSlot === null ? undefined : `VIP ${vipName(vipSlot, names)}`,
    asSlot === null ? undefined : `AS ${asName(asSlot, names)}`,
    trackingText(record),
    bucket === null ? undefined : `bucket ${bucket}`,
    identity === null ? undefined : `flow ${identity}`,
    `worker ${record.worker}`,
  ];
  return parts.filter((part) => part !== undefined).join('; ');
}

/** UTC with nanoseconds. */
function timeText({ sec, nsec }: TapRecord): string {
  return `${new Date(sec * 1000).toISOString().slice(0, 19)}.${String(nsec).padStart(9, '0')}Z`;
}

function receivedText({ before, input, worker }: TapRecord, names: TapNames): string {
  if (before === null) return 'made here, or held until its first fragment came';
  return `${bytesText(before)} from ${queueName(worker, input, names)}`;
}

function parseText(record: TapRecord): string | undefined {
  const { protocol, icmpError, fragment } = record;
  if (protocol === null) return undefined;
  const about = icmpError ? 'ICMP error about a packet of ' : '';
  return `${fragment ? 'fragment, ' : ''}${about}${flowText(record)}`;
}

/** As `lb explain` reads it. */
function flowText({ source, sourcePort, destination, destinationPort, protocol }: TapRecord): string {
  return `${endText(source, sourcePort)} > ${endText(destination, destinationPort)}/${protocol}`;
}

function endText(address: string | null, port: number | null): string {
  if (address === null) return '?';
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function vipText({ vipSlot, asSlot, verdict }: TapRecord, names: TapNames): string | undefined {
  if (vipSlot === null) return undefined;
  const back = asSlot === null && verdict === 'forward' ? ', on the way back to a client' : '';
  return `VIP ${vipName(vipSlot, names)}${back}`;
}

function selectText(record: TapRecord, names: TapNames): string | undefined {
  const { asSlot, bucket, identity } = record;
  const where = bucket === null ? '' : `: bucket ${bucket}`;
  if (asSlot === null) return bucket === null ? undefined : `no server${where}`;
  return `${trackingText(record) ?? 'flow'} ${identity}${where}, AS ${asName(asSlot, names)}`;
}

function trackingText({ tracking }: TapRecord): string | undefined {
  if (tracking === 'existing') return 'known flow';
  if (tracking === 'first') return 'new flow';
  return tracking === 'untracked' ? 'untracked flow' : undefined;
}

function rewriteText({ before, after }: TapRecord): string | undefined {
  if (after === null || before === null) return undefined;
  const longer = after.length - before.length;
  if (longer === 0) return sameBytes(before, after) ? undefined : 'length unchanged';
  return `${Math.abs(longer)} bytes ${longer > 0 ? 'longer' : 'shorter'}`;
}

function sameBytes(before: TapFrame, after: TapFrame): boolean {
  return before.bytes.every((byte, i) => byte === after.bytes[i]);
}

function verdictText({ verdict, reason }: TapRecord): string {
  return reason === null ? verdict : `${verdict}, ${reason}`;
}

function sentText({ after, output, worker }: TapRecord, names: TapNames): string | undefined {
  if (after === null) return undefined;
  if (output === null) return bytesText(after);
  return `${bytesText(after)} to ${output === 'kernel' ? 'the kernel, to route' : queueName(worker, output, names)}`;
}

function bytesText({ bytes, length }: TapFrame): string {
  return bytes.length === length ? `${length} bytes` : `${length} bytes (${bytes.length} kept)`;
}

function vipName(slot: number, names: TapNames): string {
  return names.vip(slot) ?? `in slot ${slot}`;
}

function asName(slot: number, names: TapNames): string {
  return names.as(slot) ?? `in slot ${slot}`;
}

function queueName(worker: number, queue: number, names: TapNames): string {
  const name = names.queue?.(worker, queue);
  return name === undefined ? `queue ${queue}` : `${name} (queue ${queue})`;
}
