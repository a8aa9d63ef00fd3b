import type { Config } from '@lb/control';
import type { Buckets } from '@lb/control/api';
import { LbClient } from '@lb/control/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFolder } from '../cli.testkit.js';
import { ServeProgram } from './program.testkit.js';

const folder = new TestFolder();
const socket = folder.file('lb.sock');
const client = new LbClient({ socketPath: socket });
const vip = { prefix: '90.0.0.0/8' };
const FLOWS = 400;
let program: ServeProgram;
let site: Config;

beforeAll(async () => {
  const exec = folder.write(
    'site.lb',
    'lb conf ip4-src-address 192.0.2.1',
    'lb vip 90.0.0.0/8 new_len 256',
    'lb as 90.0.0.0/8 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4',
  );
  program = await ServeProgram.start(socket, '--exec', exec, '--flows', `${FLOWS}`);
  site = (await client.config()).config;
}, 20_000);
afterAll(async () => {
  await program.stop('SIGKILL');
  folder.remove();
});

type Ass = Config['vips'][number]['ass'];

/** The configuration with other ASs, or settings, of its VIP. */
function withVip(change: (ass: Ass) => Ass, settings: Partial<Config['vips'][number]> = {}): Config {
  const [one] = site.vips;
  return { ...site, vips: [{ ...one!, ...settings, ass: change(one!.ass) }] };
}

/** `<from> <to>` of every bucket of the longer table whose AS is another. */
function movedBetween(before: Buckets, after: Buckets): Record<string, number> {
  const moves: Record<string, number> = {};
  const name = ({ newLen, ass, buckets }: Buckets, bucket: number) => ass[buckets[bucket % newLen]!] ?? null;
  for (let bucket = 0; bucket < Math.max(before.newLen, after.newLen); bucket++) {
    const move = `${name(before, bucket)} ${name(after, bucket)}`;
    if (name(before, bucket) !== name(after, bucket)) moves[move] = (moves[move] ?? 0) + 1;
  }
  return moves;
}

/** First packets of flows, once every flow has had several packets since this was asked. */
async function firstPackets(): Promise<number> {
  for (let begun: number | undefined; ; ) {
    const { existing, first } = (await client.counters()).vips[0]!;
    begun ??= existing;
    if (existing - begun > 20 * FLOWS) return first;
  }
}

/** Waits until the flow tables have been counted with every flow in them. */
async function allCounted(): Promise<void> {
  for (;;) {
    const { ass } = (await client.counters()).vips[0]!;
    if (ass.reduce((sum, { flows }) => sum + flows, 0) === FLOWS) return;
  }
}

describe('applying a change gives what the plan said', () => {
  it.each<[string, () => Config]>([
    ['an AS more', () => withVip((ass) => [...ass, { ...ass[0]!, address: '10.0.0.5' }])],
    ['an AS less', () => withVip((ass) => ass.slice(1))],
    ['another weight', () => withVip((ass) => ass.map((as, i) => (i === 2 ? { ...as, weight: 20 } : as)))],
    ['a longer table', () => withVip((ass) => ass, { newLen: 1024 })],
    ['a shorter table', () => withVip((ass) => ass, { newLen: 64 })],
    ['a draining AS', () => withVip((ass) => ass.map((as, i) => (i === 1 ? { ...as, state: 'draining' } : as)))],
    ['a disabled AS', () => withVip((ass) => ass.map((as, i) => (i === 3 ? { ...as, state: 'disabled' } : as)))],
  ])('%s', async (_, change) => {
    const { revision } = await client.config();
    await client.putConfig(site, revision);
    const before = await firstPackets();
    await allCounted();
    const [table, plan] = [await client.buckets(vip), await client.plan({ config: change() })];
    await client.putConfig(change(), (await client.config()).revision);

    const planned = plan.vips[0]!;
    expect(planned.moves.length).toBeGreaterThan(0);
    const moves = Object.fromEntries(planned.moves.map(({ from, to, buckets }) => [`${from} ${to}`, buckets]));
    expect(movedBetween(table, await client.buckets(vip))).toEqual(moves);
    expect(planned.moved).toBe(Object.values(moves).reduce((sum, count) => sum + count, 0));

    // A flow that is cut has a first packet again.
    const cut = (await firstPackets()) - before;
    expect({ cut, kept: FLOWS - cut }).toEqual(plan.flows);
  });
});
