import pc from 'picocolors';
import { afterAll, describe, expect, it } from 'vitest';
import { CommandApi } from '../client/api.testkit.js';
import { renderTop, type TopModel } from './top-view.js';

const api = await CommandApi.open();
afterAll(() => api.close());
const plain = pc.createColors(false);
const status = api.test.balancer.status();
const before = api.test.balancer.counters();
const now: typeof before = {
  ...before,
  uptimeSec: before.uptimeSec + 2,
  received: before.received + 3_000_000,
  vips: before.vips.map((vip) => ({
    ...vip,
    existing: vip.existing + 120,
    ass: vip.ass.map((as) => ({ ...as, packets: as.packets + 60, bytes: as.bytes + 6000 })),
  })),
};
const model: TopModel = { status, now, before };

describe('the view of lb top', () => {
  it('shows each VIP and its servers with measured rates', () => {
    expect(renderTop(model, { columns: 110, rows: 24 }, plain)).toEqual([
      `lb top  lb1, revision 1, up 00:01:02, 1 worker, generated traffic${' '.repeat(38)}q quits`,
      '1.50 M packets/s   0 forwarded/s   0 punted/s   0 dropped/s   21 of 4.10 k flows (3 opening, 2 closing)',
      '',
      'VIP / server                   state     health     weight    share    packets          bits      flows',
      '90.0.0.0/8  gre4                                                          60/s   48.0 kbit/s         14',
      '  10.0.0.1                     enabled   -             100   66.8 %       30/s   24.0 kbit/s          7',
      '  10.0.0.2                     enabled   -              50   33.2 %       30/s   24.0 kbit/s          7',
      '91.1.2.1/32 tcp port 80  gre4                                             60/s   24.0 kbit/s          7',
      '  10.0.0.3                     enabled   healthy       100  100.0 %       30/s   24.0 kbit/s          7',
      '',
      'not forwarded so far: no-server 50, no-vip 40',
    ]);
  });

  it('does not guess rates at first', () => {
    const [, totals, , , vip] = renderTop({ status, now }, { columns: 110, rows: 24 }, plain);
    expect(totals).toMatch(/^- packets\/s {3}- forwarded\/s/);
    expect(vip).toMatch(/^90\.0\.0\.0\/8 {2}gre4 +- +- +14$/);
  });

  it('shows what a server weighs now and what it is meant to, where they differ without its state saying so', () => {
    const [first, ...vips] = now.vips;
    const [one, two] = first!.ass;
    const ass = [
      { ...one!, effectiveWeight: 12.5, reason: 'ramp' as const },
      { ...two!, effectiveWeight: 0, reason: 'draining' as const, state: 'draining' as const },
    ];
    const lines = renderTop(
      { status, now: { ...now, vips: [{ ...first!, ass }, ...vips] } },
      { columns: 110, rows: 24 },
      plain,
    );
    expect(lines[5]).toMatch(/10\.0\.0\.1 +enabled +- +12\.5 of 100 /);
    expect(lines[6]).toMatch(/10\.0\.0\.2 +draining +- +50 /);
  });

  it('counts failing servers at their VIP', () => {
    const vips = now.vips.map((vip) => ({ ...vip, ass: vip.ass.map((as) => ({ ...as, health: 'failing' as const })) }));
    expect(renderTop({ status, now: { ...now, vips } }, { columns: 110, rows: 24 }, plain)[4]).toContain('2 failing');
  });

  it('says that figures are old', () => {
    const lines = renderTop({ ...model, silentSec: 7.4 }, { columns: 110, rows: 24 }, plain);
    expect(lines[1]).toBe('no answer from the daemon for 7 s: these figures are old');
  });

  it.each([[200], [100], [80], [60], [40], [20]])('stays within %d columns and any number of rows', (columns) => {
    for (let rows = 1; rows <= 14; rows++) {
      const lines = renderTop(model, { columns, rows }, plain);
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    }
  });

  it('says how many servers and VIPs there is no room for', () => {
    const tight = renderTop(model, { columns: 80, rows: 9 }, plain);
    expect(tight.slice(4, 7)).toEqual([
      expect.stringContaining('90.0.0.0/8'),
      expect.stringContaining('… 2 more servers'),
      expect.stringContaining('91.1.2.1/32'),
    ]);
    expect(renderTop(model, { columns: 80, rows: 7 }, plain)[4]).toBe('… and 2 more VIPs');
  });
});
