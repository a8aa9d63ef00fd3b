import { describe, expect, it } from 'vitest';
import type { Incident } from '../support/http-load.js';
import { type Done, explanations } from './blame.js';

const broken: Incident = {
  ...{ reason: 'ECONNRESET', server: 's2', clientPort: 40000 },
  ...{ fromMs: 1000, askedMs: 1050, toMs: 1100 },
};
const cut: Done = { what: 'cut', fromMs: 1050, toMs: 1060, mayBreak: { vip: 'a', server: 's2' } };
const senders = { longestPauseMs: 120_000 };

describe('what explains a broken connection', () => {
  it('is an operation on its VIP and server that was under way when it broke', () => {
    expect(explanations('a', broken, [cut], senders)).toEqual([cut]);
  });

  it('is one whose end is not known yet', () => {
    expect(explanations('a', broken, [{ ...cut, toMs: Number.POSITIVE_INFINITY }], senders)).toHaveLength(1);
  });

  it.each<[string, Done]>([
    ['one that may break nothing', { what: cut.what, fromMs: cut.fromMs, toMs: cut.toMs }],
    ['one for another server', { ...cut, mayBreak: { vip: 'a', server: 's1' } }],
    ['one for another VIP', { ...cut, mayBreak: { vip: 'b', server: 's2' } }],
    ['one that came later', { ...cut, fromMs: 1101, toMs: 1200 }],
    ['one that was over before the last answered question', { ...cut, fromMs: 1, toMs: 999 }],
    ['one that may only keep new connections away', { ...cut, mayBreak: { openingOnly: true } }],
    ['lost packets, of a reset', { what: 'down', fromMs: 0, toMs: 2000, mayLose: {} }],
  ])('is not %s', (_, operation) => {
    expect(explanations('a', broken, [operation], senders)).toEqual([]);
  });

  it('is for a connection that nothing had answered an operation on any server', () => {
    const opening = { ...broken, server: '' };
    expect(explanations('a', opening, [{ ...cut, mayBreak: { server: 's1' } }], senders)).toHaveLength(1);
  });
});

describe('what explains a silence', () => {
  const silent: Incident = { ...broken, reason: 'timeout', fromMs: 900, askedMs: 1000, toMs: 16_000 };
  const down: Done = { what: 'down', fromMs: 900, toMs: 16_000, mayLose: { server: 's2' } };

  it('is lost packets, for as long as it takes', () => {
    expect(explanations('a', silent, [down], senders)).toEqual([down]);
    expect(explanations('a', silent, [{ ...down, mayLose: {} }], senders)).toHaveLength(1);
  });

  it('is what makes TCP itself give up, too', () => {
    expect(explanations('a', { ...silent, reason: 'ETIMEDOUT' }, [down], senders)).toEqual([down]);
    expect(explanations('a', { ...silent, reason: 'ETIMEDOUT' }, [], senders)).toEqual([]);
  });

  it.each<[string, Done]>([
    ['those of another server', { ...down, mayLose: { server: 's1' } }],
    ['those of a second, as TCP sends again', { ...down, toMs: 2000 }],
  ])('is not %s', (_, operation) => {
    expect(explanations('a', silent, [operation], senders)).toEqual([]);
  });
});
