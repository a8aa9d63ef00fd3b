import { describe, expect, it } from 'vitest';
import type { Incident } from '../support/http-load.js';
import { type Done, explanations, SLACK_MS } from './blame.js';

const broken: Incident = { reason: 'ECONNRESET', server: 's2', clientPort: 40000, fromMs: 1000, toMs: 1100 };
const cut: Done = { what: 'cut', fromMs: 1050, toMs: 1060, mayBreak: { vip: 'a', server: 's2' } };

describe('what explains a broken connection', () => {
  it('is an operation on its VIP and server that was under way when it broke', () => {
    expect(explanations('a', broken, [cut])).toEqual([cut]);
  });

  it.each<[string, Done]>([
    ['one that may break nothing', { what: cut.what, fromMs: cut.fromMs, toMs: cut.toMs }],
    ['one for another server', { ...cut, mayBreak: { vip: 'a', server: 's1' } }],
    ['one for another VIP', { ...cut, mayBreak: { vip: 'b', server: 's2' } }],
    ['one that came later', { ...cut, fromMs: 1101, toMs: 1200 }],
    ['one that was over before', { ...cut, fromMs: 1, toMs: 999 - SLACK_MS }],
    ['one that may only keep new connections away', { ...cut, mayBreak: { openingOnly: true } }],
  ])('is not %s', (_, operation) => {
    expect(explanations('a', broken, [operation])).toEqual([]);
  });

  it('is for a connection that nothing had answered an operation on any server', () => {
    expect(explanations('a', { ...broken, server: '' }, [{ ...cut, mayBreak: { server: 's1' } }])).toHaveLength(1);
  });
});
