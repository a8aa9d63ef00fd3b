import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bundle, bundle } from './bundle.testkit.js';
import { temporaryFolder } from './state.testkit.js';
import { StateStore } from './state-store.js';

const CHANGES = 1000;
/** Enough that killing also meets the removal of the oldest. */
const KEEP = 50;
const seed = Number(process.env.LB_TEST_SEED ?? Date.now() % 2 ** 31);

const base = temporaryFolder();
let program: Bundle;
beforeAll(async () => {
  program = await bundle('state/crash-writer.testkit.ts');
}, 60_000);
afterAll(() => program.remove());

/** What is known from outside of the revisions of a process that was killed. */
interface Known {
  /** Number → hash of those it said were done. */
  readonly done: Map<number, string>;
  last: number;
  /** The one it was at work on. */
  inFlight: number | undefined;
}

test(`kill -9 at any moment of ${CHANGES} changes loses none that was acknowledged (seed ${seed})`, async () => {
  const folder = path.join(base, 'state');
  const random = randomNumbers(seed);
  const known: Known = { done: new Map(), last: 0, inFlight: undefined };
  const outcomes = { lost: 0, kept: 0 };
  while (known.last < CHANGES) {
    // Some on a line just said, most in the middle of a change.
    const onLine = 2 + Math.floor(random() * 160);
    const delayMs = random() < 0.2 ? 0 : random() * 6;
    const before = known.inFlight;
    const opened = await runUntilKilled(folder, known, onLine, delayMs);
    if (before !== undefined) outcomes[opened === before ? 'kept' : 'lost'] += 1;
  }
  // Kills that meet no change at work would show nothing.
  expect(outcomes.lost + outcomes.kept).toBeGreaterThan(5);

  const store = await StateStore.open(folder, { keep: KEEP });
  const latest = store.latest()!;
  expect([known.last, known.inFlight]).toContain(latest.number);
  expect(store.findings).toEqual([]);
  const list = store.list();
  expect(list.map(({ number }) => number)).toEqual(Array.from({ length: KEEP }, (_, i) => latest.number - i));
  for (const { number } of list) {
    const { hash, config } = await store.read(number);
    expect(config.timeout).toBe(number);
    if (known.done.has(number)) expect(hash).toBe(known.done.get(number));
  }
  await store.close();
}, 120_000);

/**
 * Starts the writer, checks what state it found, kills it some time after it has said so many lines, and returns the
 * number of the revision it began with.
 */
async function runUntilKilled(folder: string, known: Known, onLine: number, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, [program.path, folder, String(KEEP)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  let opened = 0;
  let lines = 0;
  try {
    for await (const line of createInterface({ input: child.stdout! })) {
      if (++lines === onLine) killAfter(child, delayMs);
      const [what, number, hash, findings] = line.split(' ') as [string, ...string[]];
      if (what === 'open') {
        opened = Number(number);
        checkOpened(known, opened, hash!, Number(findings));
      } else if (what === 'try') {
        expect(Number(number)).toBe(known.last + 1);
        known.inFlight = Number(number);
      } else {
        known.done.set(Number(number), hash!);
        known.last = Number(number);
        known.inFlight = undefined;
      }
    }
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
  expect([said, child.signalCode], `seed ${seed}`).toEqual(['', 'SIGKILL']);
  return opened;
}

function checkOpened(known: Known, number: number, hash: string, findings: number): void {
  const allowed = known.last === 0 ? [1] : [known.last, known.inFlight];
  expect(allowed, `seed ${seed}`).toContain(number);
  expect(findings, `seed ${seed}`).toBe(0);
  const acknowledged = known.done.get(number);
  if (acknowledged !== undefined) expect(hash).toBe(acknowledged);
  known.done.set(number, hash);
  known.last = number;
  known.inFlight = undefined;
}

function killAfter(child: ChildProcess, delayMs: number): void {
  const begun = performance.now();
  const wait = () => {
    if (performance.now() - begun >= delayMs) child.kill('SIGKILL');
    else setImmediate(wait);
  };
  wait();
}

/** From 0 to 1 (mulberry32). */
function randomNumbers(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
