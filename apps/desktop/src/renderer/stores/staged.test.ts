import { describe, expect, it } from 'vitest';
import type { Edit } from './edit.js';
import { createStagedStore } from './staged.js';
import { configOf, NOW, oneVip } from './stores.testkit.js';

const weight = (address: string, value: number): Edit => ({
  kind: 'commands',
  lines: [`lb as 90.0.0.0/8 ${address} weight ${value}`],
});

function staging(config = oneVip(), revision = 1) {
  const store = createStagedStore(() => NOW);
  store.getState().follow({ config, revision });
  return {
    store,
    state: () => store.getState(),
    weights: () => store.getState().result?.vips[0]?.ass.map((as) => as.weight),
  };
}

describe('staging', () => {
  it('applies edits to the base in their order, and leaves the base alone', () => {
    const { state, weights } = staging();
    const { base } = state();
    expect(state().stage(weight('10.0.0.1', 50))).toEqual([]);
    expect(state().stage(weight('10.0.0.2', 20))).toEqual([]);
    expect(weights()).toEqual([50, 20, 100, 100]);
    expect(state().base).toBe(base);
    expect(base?.config.vips[0]?.ass[0]?.weight).toBe(100);
  });

  it('refuses an edit that cannot be applied, with its problems, and stays as it is', () => {
    const { state } = staging();
    const [problem] = state().stage({ kind: 'commands', lines: ['lb as 90.0.0.0/8 10.0.0.9 del'] });
    expect(problem?.code).toBe('LB_CFG_AS_MISSING');
    expect(state().edits).toEqual([]);
    expect(state().past).toEqual([]);
  });

  it('takes all lines of an edit or none', () => {
    const { state, weights } = staging();
    const lines = ['lb as 90.0.0.0/8 10.0.0.1 weight 1', 'lb as 90.0.0.0/8 10.0.0.2 weight 101'];
    expect(state().stage({ kind: 'commands', lines })[0]).toMatchObject({ code: 'LB_CFG_WEIGHT', line: 2 });
    expect(weights()).toEqual([100, 100, 100, 100]);
  });

  it('changes settings of a VIP in place', () => {
    const { state } = staging(oneVip(4, { mssClamp: 1400 }));
    state().stage({ kind: 'vips', vips: [{ prefix: '90.0.0.0/8' }], change: { newLen: 16, mssClamp: null } });
    expect(state().result?.vips[0]).toMatchObject({ newLen: 16, ass: [{}, {}, {}, {}] });
    expect(state().result?.vips[0]).not.toHaveProperty('mssClamp');
  });

  it('checks a changed VIP by the rules of the configuration', () => {
    const { state } = staging();
    const [problem] = state().stage({ kind: 'vips', vips: [{ prefix: '90.0.0.0/8' }], change: { dscp: 3 } });
    expect(problem).toMatchObject({ code: 'LB_CFG_DSCP_ENCAP', path: 'vips[0].dscp' });
  });

  it('counts ramps and deadlines from the moment of staging', () => {
    const { state } = staging();
    state().stage({ kind: 'commands', lines: ['lb as 90.0.0.0/8 10.0.0.1 drain deadline 60'] });
    expect(state().result?.vips[0]?.ass[0]?.drainUntil).toBe('2026-03-01T12:01:00.000Z');
  });

  it('keeps flushes apart: they are no part of the configuration', () => {
    const { state } = staging();
    state().stage({ kind: 'commands', lines: ['lb flush vip 90.0.0.0/8', 'lb as 90.0.0.0/8 10.0.0.1 del flush'] });
    expect(state().flushes).toMatchObject([{ kind: 'flush-vip' }, { kind: 'flush-as', address: '10.0.0.1' }]);
    expect(state().result?.vips[0]?.ass).toHaveLength(3);
  });

  it('puts an edit with the same key in the place of the one before', () => {
    const { state, weights } = staging();
    for (const value of [90, 80, 70]) state().stage(weight('10.0.0.1', value), 'weight 10.0.0.1');
    state().stage(weight('10.0.0.2', 10), 'weight 10.0.0.2');
    expect(state().edits).toHaveLength(2);
    expect(weights()).toEqual([70, 10, 100, 100]);
    state().undo();
    state().undo();
    expect(weights()).toEqual([100, 100, 100, 100]);
  });
});

describe('undo and redo', () => {
  it('goes back and forth one edit at a time', () => {
    const { state, weights } = staging();
    state().stage(weight('10.0.0.1', 50));
    state().stage(weight('10.0.0.1', 25));
    state().undo();
    expect(weights()?.[0]).toBe(50);
    state().undo();
    expect(weights()?.[0]).toBe(100);
    state().undo();
    expect(weights()?.[0]).toBe(100);
    state().redo();
    state().redo();
    state().redo();
    expect(weights()?.[0]).toBe(25);
  });

  it('forgets what was undone once something else is staged', () => {
    const { state, weights } = staging();
    state().stage(weight('10.0.0.1', 50));
    state().undo();
    state().stage(weight('10.0.0.2', 60));
    state().redo();
    expect(weights()).toEqual([100, 60, 100, 100]);
  });

  it('brings back what was discarded, and an edit that was taken out', () => {
    const { state, weights } = staging();
    state().stage(weight('10.0.0.1', 50));
    state().stage(weight('10.0.0.2', 60));
    state().removeEdit(0);
    expect(weights()).toEqual([100, 60, 100, 100]);
    state().discard();
    expect(state().edits).toEqual([]);
    state().undo();
    state().undo();
    expect(weights()).toEqual([50, 60, 100, 100]);
  });
});

describe('another revision meanwhile', () => {
  it('is the base at once when nothing is staged', () => {
    const { state } = staging();
    state().follow({ config: oneVip(2), revision: 2 });
    expect(state()).toMatchObject({ base: { revision: 2 }, conflict: null });
    expect(state().result?.vips[0]?.ass).toHaveLength(2);
  });

  it('is a conflict when something is, and says what others changed', () => {
    const { state, weights } = staging();
    state().stage(weight('10.0.0.1', 50));
    state().follow({ config: oneVip(5), revision: 2 });
    expect(state().base?.revision).toBe(1);
    expect(state().conflict?.changes).toMatchObject([{ kind: 'add', as: '10.0.0.5' }]);
    expect(weights()).toEqual([50, 100, 100, 100]);
  });

  it('takes the edits over on rebase, beside those of others', () => {
    const { state, weights } = staging();
    state().stage(weight('10.0.0.1', 50));
    state().follow({ config: oneVip(5), revision: 2 });
    state().rebase();
    expect(state()).toMatchObject({ base: { revision: 2 }, conflict: null, problems: [] });
    expect(weights()).toEqual([50, 100, 100, 100, 100]);
  });

  it('names edits that no longer fit, and does the others', () => {
    const { state, weights } = staging();
    state().stage(weight('10.0.0.1', 50));
    state().stage({ kind: 'commands', lines: ['lb as 90.0.0.0/8 10.0.0.4 del'] });
    state().follow({ config: oneVip(3), revision: 2 });
    state().rebase();
    expect(state().problems).toMatchObject([{ index: 1, problems: [{ code: 'LB_CFG_AS_MISSING' }] }]);
    expect(weights()).toEqual([50, 100, 100]);
    state().removeEdit(1);
    expect(state().problems).toEqual([]);
    expect(weights()).toEqual([50, 100, 100]);
  });

  it('applies undone edits to the new base, not to that of before', () => {
    const { state, weights } = staging();
    state().stage(weight('10.0.0.1', 50));
    state().stage(weight('10.0.0.2', 60));
    state().follow({ config: oneVip(5), revision: 2 });
    state().rebase();
    state().undo();
    expect(weights()).toEqual([50, 100, 100, 100, 100]);
    state().redo();
    expect(weights()).toEqual([50, 60, 100, 100, 100]);
  });

  it('is over when the staged change is discarded', () => {
    const { state } = staging();
    state().stage(weight('10.0.0.1', 50));
    state().follow({ config: oneVip(2), revision: 2 });
    state().discard();
    expect(state()).toMatchObject({ base: { revision: 2 }, conflict: null });
    expect(state().result?.vips[0]?.ass).toHaveLength(2);
  });
});

it('stages a whole configuration, as of an import or a rollback', () => {
  const { state } = staging();
  const config = configOf({ vips: [{ prefix: '192.0.2.1', ass: [{ address: '10.9.9.9' }] }] });
  expect(state().stage({ kind: 'replace', title: 'revision 7', config })).toEqual([]);
  expect(state().result).toEqual(config);
  state().undo();
  expect(state().result?.vips[0]?.prefix).toBe('90.0.0.0/8');
});

describe('several edits as one step', () => {
  const TWO = configOf({
    ip4SrcAddress: '192.0.2.254',
    vips: [{ prefix: '90.0.0.0/8' }, { prefix: '91.0.0.0/8' }, { prefix: '92.0.0.0/8' }],
  });

  it('change several VIPs at once, and are taken back at once', () => {
    const store = createStagedStore(() => NOW);
    store.getState().follow({ config: TWO, revision: 1 });
    const vips = [{ prefix: '90.0.0.0/8' }, { prefix: '92.0.0.0/8' }];
    expect(store.getState().stage({ kind: 'vips', vips, change: { newLen: 64, encap: 'nat4' } })).not.toEqual([]);
    expect(store.getState().edits).toEqual([]);
    expect(store.getState().stage({ kind: 'vips', vips, change: { newLen: 64 } })).toEqual([]);
    expect(store.getState().edits).toHaveLength(1);
    expect(store.getState().result?.vips.map(({ newLen }) => newLen)).toEqual([64, 1024, 64]);
    expect(store.getState().result?.vips[1]).toBe(TWO.vips[1]);
    store.getState().undo();
    expect(store.getState().result).toBe(TWO);
  });

  it('are staged all or none', () => {
    const store = createStagedStore(() => NOW);
    store.getState().follow({ config: TWO, revision: 1 });
    const good = { kind: 'commands', lines: ['lb vip 93.0.0.0/8'] } as const;
    const bad = { kind: 'vips', vips: [{ prefix: '94.0.0.0/8' }], change: { newLen: 64 } } as const;
    expect(store.getState().stage([good, bad])).toMatchObject([{ code: 'LB_CFG_VIP_MISSING' }]);
    expect(store.getState().edits).toEqual([]);
    expect(store.getState().stage([good, { ...bad, vips: [{ prefix: '93.0.0.0/8' }] }])).toEqual([]);
    expect(store.getState().edits).toHaveLength(2);
    store.getState().undo();
    expect(store.getState().edits).toEqual([]);
  });
});
