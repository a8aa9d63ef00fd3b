import { describe, expect, it } from 'vitest';
import { applyEdits } from '../stores/index.js';
import { configOf, NOW } from '../stores/stores.testkit.js';
import { bulkErrors, bulkVipEdits, commonValues, mixedNames } from './bulk-form.js';

const CONFIG = configOf({
  ip4SrcAddress: '192.0.2.254',
  vips: [
    { prefix: '90.0.0.0/8', newLen: 64, ass: [{ address: '10.0.0.1' }] },
    { prefix: '91.0.0.1', port: 80, encap: 'nat4', targetPort: 8080, newLen: 128, ass: [{ address: '10.0.0.1' }] },
    { prefix: '92.0.0.0/8', newLen: 64, srcIpSticky: true, check: { type: 'tcp', port: 80 } },
  ],
});
const before = commonValues(CONFIG.vips);
const edited = (values: Record<string, string>) => bulkVipEdits(CONFIG.vips, before, { ...before, ...values });

describe('several VIPs in one form', () => {
  it('show what they have in common', () => {
    expect(before).toMatchObject({ newLen: '', encap: '', panic: '25', lastAs: 'drop' });
    expect([...mixedNames(CONFIG.vips)]).toEqual(expect.arrayContaining(['newLen', 'encap', 'srcIpSticky']));
    expect(mixedNames(CONFIG.vips)).not.toContain('panic');
  });

  it('are left alone when nothing was typed', () => {
    expect(edited({})).toEqual([]);
  });

  it('change alike by one edit, and only in what was changed', () => {
    const edits = edited({ panic: '50' });
    expect(edits).toHaveLength(1);
    const { config, failed } = applyEdits(CONFIG, edits, NOW);
    expect(failed).toEqual([]);
    expect(config.vips).toEqual(CONFIG.vips.map((vip) => ({ ...vip, panic: 50 })));
  });

  it('lose settings that have no meaning with the new encapsulation', () => {
    const { config, failed } = applyEdits(CONFIG, edited({ encap: 'gre4' }), NOW);
    expect(failed).toEqual([]);
    expect(config.vips.map(({ encap }) => encap)).toEqual(['gre4', 'gre4', 'gre4']);
    expect(config.vips[1]).not.toHaveProperty('targetPort');
    expect(config.vips[1]?.newLen).toBe(128);
  });

  it('get a health check, or lose it', () => {
    const { config } = applyEdits(CONFIG, edited({ 'check.type': 'tcp', 'check.port': '8080' }), NOW);
    expect(config.vips.map(({ check }) => [check?.type, check?.port])).toEqual(Array(3).fill(['tcp', 8080]));
    const [, , checked] = CONFIG.vips;
    const alone = commonValues([checked!]);
    const gone = bulkVipEdits([checked!], alone, { ...alone, 'check.type': '' });
    expect(applyEdits(CONFIG, gone, NOW).config.vips[2]).not.toHaveProperty('check');
  });

  it('say at its field what is wrong', () => {
    const { failed } = applyEdits(CONFIG, edited({ newLen: '1000' }), NOW);
    expect([...bulkErrors(failed[0]!.problems).keys()]).toEqual(['newLen']);
    const family = applyEdits(CONFIG, edited({ encap: 'gre6' }), NOW).failed[0]!.problems;
    expect(bulkErrors(family).get('')).toMatch(/IPv6/);
  });
});
