import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ProcessSupervisor } from './process-supervisor.js';
import type { Program } from './program.js';

/** A program that ends when the test says so. */
class FakeProgram implements Program {
  readonly pid = 1;
  readonly asked: string[] = [];
  readonly #listeners: ((reason: string) => void)[] = [];

  whenEnded(listener: (reason: string) => void): void {
    this.#listeners.push(listener);
  }

  end(): void {
    this.asked.push('end');
  }

  kill(): void {
    this.asked.push('kill');
    this.fails('killed');
  }

  fails(reason: string): void {
    for (const listener of this.#listeners) listener(reason);
  }
}

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

function start() {
  const started: FakeProgram[] = [];
  const onLost = vi.fn();
  const launch = () => {
    const program = new FakeProgram();
    started.push(program);
    return program;
  };
  const supervisor = new ProcessSupervisor({ launch, onLost, firstRetryMs: 500, endMs: 2000 });
  supervisor.start();
  return { supervisor, started, onLost };
}

it('waits twice as long each time, up to fifteen seconds, and anew after one that ran well', () => {
  const { started, onLost } = start();
  const waits: number[] = [];
  const fail = () => {
    const began = Date.now();
    started.at(-1)!.fails('over');
    expect(onLost.mock.lastCall?.[0]).toBe('over');
    const waitMs = onLost.mock.lastCall![1] - began;
    waits.push(waitMs);
    vi.advanceTimersByTime(waitMs - 1);
    const before = started.length;
    vi.advanceTimersByTime(1);
    expect(started).toHaveLength(before + 1);
  };
  for (let i = 0; i < 7; i++) fail();
  vi.advanceTimersByTime(29_999);
  fail();
  vi.advanceTimersByTime(30_000);
  fail();
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 500]);
});

it('asks it to end, ends it by force when its time is over, and does not start it again', async () => {
  const { supervisor, started, onLost } = start();
  const stopped = supervisor.stop();
  vi.advanceTimersByTime(1999);
  expect(started[0]!.asked).toEqual(['end']);
  vi.advanceTimersByTime(1);
  await stopped;
  expect(started[0]!.asked).toEqual(['end', 'kill']);
  vi.advanceTimersByTime(60_000);
  expect(started).toHaveLength(1);
  expect(onLost).not.toHaveBeenCalled();
  expect(supervisor.running).toBeUndefined();
});

it('is not started again when it is stopped while it waits', async () => {
  const { supervisor, started } = start();
  started[0]!.fails('over');
  await supervisor.stop();
  vi.advanceTimersByTime(60_000);
  expect(started).toHaveLength(1);
});
