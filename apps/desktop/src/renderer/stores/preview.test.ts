import { applyCommands, asId, type Config, type EffectiveAs, parseCommands, plan } from '@lb/control';
import { expect, it } from 'vitest';
import { previewPlan } from './preview.js';
import { NOW, oneVip, sampleOf } from './stores.testkit.js';

function after(config: Config, ...lines: string[]): Config {
  return applyCommands(config, parseCommands(lines.join('\n')), new Date(NOW)).config;
}

/** What every AS weighs, written down rather than derived. */
function weighing(config: Config, weights: Readonly<Record<string, number>>): ReadonlyMap<string, EffectiveAs> {
  const entries = config.vips.flatMap((vip) =>
    vip.ass.map(({ address }): [string, EffectiveAs] => {
      const weight = weights[address] ?? 100;
      const failing = weight === 0;
      return [
        asId(vip, address),
        { weight, draining: failing, udpEnds: failing, cut: false, reason: failing ? 'failing' : 'configured' },
      ];
    }),
  );
  return new Map(entries);
}

it('counts buckets and flows of an AS that goes: two of eight buckets move, all flows stay', () => {
  const base = oneVip(4);
  const result = previewPlan(base, after(base, 'lb as 90.0.0.0/8 10.0.0.1 del'), sampleOf(base, { flows: 7 }), NOW);
  expect(result.vips).toHaveLength(1);
  expect(result.vips[0]).toMatchObject({ buckets: 8, moved: 2, share: 0.25, flows: { kept: 28, cut: 0 } });
  expect(result.vips[0]?.moves.every(({ from }) => from === '10.0.0.1')).toBe(true);
  expect(result.flows).toEqual({ kept: 28, cut: 0 });
});

it('is the plan of the daemon: with its health and its numbers of flows', () => {
  const base = oneVip(4, { check: { type: 'tcp', port: 80 } });
  const staged = after(base, 'lb as 90.0.0.0/8 10.0.0.1 disable', 'lb as 90.0.0.0/8 10.0.0.9');
  const sample = sampleOf(base, { failing: ['10.0.0.2'], flows: 3 });
  const effectiveBefore = weighing(base, { '10.0.0.2': 0 });
  const effectiveAfter = new Map(weighing(staged, { '10.0.0.2': 0 }));
  const disabled = { weight: 0, draining: true, udpEnds: true, cut: true, reason: 'disabled' } as const;
  effectiveAfter.set(asId({ prefix: '90.0.0.0/8' }, '10.0.0.1'), disabled);
  const expected = plan(
    { config: base, effective: effectiveBefore },
    { config: staged, effective: effectiveAfter },
    (_, address) => (address === '10.0.0.9' ? 0 : 3),
  );
  expect(previewPlan(base, staged, sample, NOW)).toEqual(expected);
  expect(expected.flows).toEqual({ kept: 9, cut: 3 });
});

it('says of a VIP that does not exist yet that its flows are not known', () => {
  const base = oneVip(2);
  const staged = after(base, 'lb vip 91.0.0.0/8 new_len 8', 'lb as 91.0.0.0/8 10.0.0.1');
  const [added] = previewPlan(base, staged, sampleOf(base), NOW).vips;
  expect(added).toMatchObject({ change: 'added', ass: [{ address: '10.0.0.1', flows: null }] });
});

it('does not count flows without a sample', () => {
  const base = oneVip(4);
  const result = previewPlan(base, after(base, 'lb as 90.0.0.0/8 10.0.0.1 del'), null, NOW);
  expect(result.flows).toBeNull();
  expect(result.vips[0]?.moved).toBe(2);
});
