import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SAMPLE } from '../api/api.testkit.js';
import { MemoryBalancer } from '../api/balancer.testkit.js';
import type { CountersSample, VipSample } from '../api/contract/counters.js';
import { METRICS, type MetricName, REQUEST_METRIC } from './definitions.js';
import { foldSeries, OTHERS } from './fold.js';
import { createMetrics } from './metrics.js';

/** The value of each series of the text format. */
async function scrape(balancer: MemoryBalancer, limits?: { vips: number; ass: number }): Promise<Map<string, number>> {
  const text = await createMetrics(balancer, { streams: () => 2, ...(limits && { limits }) }).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

describe('the metrics', () => {
  it('are what was counted, by VIP, AS and worker', async () => {
    const found = await scrape(await MemoryBalancer.open(SAMPLE));
    const wanted = {
      lb_received_packets_total: 1000,
      'lb_packets_total{verdict="drop"}': 50,
      'lb_dropped_packets_total{reason="no-server"}': 50,
      'lb_punted_packets_total{reason="no-vip"}': 40,
      'lb_vip_packets_total{vip="90.0.0.0/8",kind="first"}': 20,
      'lb_vip_packets_total{vip="91.1.2.1/32,tcp,80",kind="no_server"}': 4,
      'lb_vip_bytes_total{vip="90.0.0.0/8"}': 10_000,
      'lb_vip_flows{vip="90.0.0.0/8"}': 14,
      'lb_vip_buckets{vip="90.0.0.0/8"}': 256,
      'lb_vip_servers{vip="91.1.2.1/32,tcp,80",health="healthy"}': 1,
      'lb_vip_servers{vip="90.0.0.0/8",health="unknown"}': 2,
      'lb_as_packets_total{vip="90.0.0.0/8",as="10.0.0.2"}': 50,
      'lb_as_first_packets_total{vip="90.0.0.0/8",as="10.0.0.2"}': 10,
      'lb_as_weight{vip="90.0.0.0/8",as="10.0.0.2"}': 50,
      'lb_as_up{vip="91.1.2.1/32,tcp,80",as="10.0.0.3"}': 1,
      'lb_check_results_total{vip="91.1.2.1/32,tcp,80",as="10.0.0.3",result="failed"}': 2,
      'lb_check_seconds{vip="91.1.2.1/32,tcp,80",as="10.0.0.3"}': 0.0015,
      'lb_worker_busy_seconds_total{worker="0"}': 1.5,
      'lb_worker_burst_fill{worker="0"}': 100,
      'lb_worker_up{worker="0"}': 1,
      lb_opening_flows: 3,
      lb_closing_flows: 2,
      lb_config_revision: 1,
      lb_image_acknowledged: 2,
      lb_api_streams: 2,
    };
    expect(Object.fromEntries(Object.keys(wanted).map((series) => [series, found.get(series)]))).toEqual(wanted);
    expect(found.get('lb_vip_imbalance{vip="90.0.0.0/8"}')).toBeGreaterThanOrEqual(1);
    const names = [...found.keys()];
    expect(names.filter((name) => name.startsWith('lb_as_up{vip="90'))).toEqual([]);
    expect(names.filter((name) => name.startsWith('lb_as_untracked'))).toEqual([]);
  });

  it('scraped again, they do not add up, and what is gone is gone', async () => {
    const balancer = await MemoryBalancer.open(SAMPLE);
    const metrics = createMetrics(balancer);
    const [first, second] = await Promise.all([metrics.text(), metrics.text()]);
    expect(second).toBe(first);
    await balancer.exec(['lb vip 90.0.0.0/8 del'], { author: 'x' });
    const later = await metrics.text();
    expect(later).toContain('\nlb_received_packets_total 1000\n');
    expect(later).not.toContain('90.0.0.0/8');
    expect(later).toContain('lb_events_total{type="revision"} 1');
  });

  it('requests are measured by operation', async () => {
    const metrics = createMetrics(await MemoryBalancer.open());
    metrics.request({ route: 'exec', status: 422, seconds: 0.003 });
    expect(await metrics.text()).toContain('lb_api_request_seconds_bucket{le="0.005",operation="exec",status="4xx"} 1');
  });
});

describe('a bound on the number of series', () => {
  const ass = Array.from({ length: 4 }, (_, n) => ({ address: `10.0.0.${n}` }));
  const config = {
    ...SAMPLE,
    vips: [1, 2, 3, 4].map((n) => ({
      ...SAMPLE.vips[0]!,
      prefix: `9${n}.0.0.0/8`,
      ass: ass.map((as) => ({ ...SAMPLE.vips[0]!.ass[0]!, ...as })),
    })),
  };

  it('what is beyond it is added up, and nothing is lost', async () => {
    const balancer = await MemoryBalancer.open(config);
    const found = await scrape(balancer, { vips: 2, ass: 6 });
    const series = [...found].filter(([name]) => name.startsWith('lb_as_packets_total'));
    expect(series.map(([name]) => /as="(.*?)"/.exec(name)![1])).toEqual([
      ...['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3'],
      ...['10.0.0.0', '10.0.0.1', OTHERS, OTHERS],
    ]);
    expect(series.reduce((sum, [, packets]) => sum + packets, 0)).toBe(16 * 50);
    expect(found.get(`lb_vip_packets_total{vip="${OTHERS}",kind="first"}`)).toBe(40);
    expect(found.get('lb_series_folded{what="vip"}')).toBe(2);
    expect(found.get('lb_series_folded{what="as"}')).toBe(10);
  });

  it('without a need nothing is folded', async () => {
    const { vips } = (await MemoryBalancer.open(config)).counters() as CountersSample & { vips: VipSample[] };
    const folded = foldSeries(vips, { vips: 4, ass: 16 });
    expect(folded).toMatchObject({ foldedVips: 0, foldedAss: 0 });
    expect(folded.vips.map(({ id }) => id)).toEqual(vips.map(({ id }) => id));
  });
});

describe('documents', () => {
  const read = (name: string) => readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');

  it('docs/metrics.md has every metric in the same words', () => {
    const rows = [...read('metrics.md').matchAll(/^\| `(lb_\w+)` *\| (\w+) *\| (.*?) *\| (.*?) *\|$/gm)];
    const documented = rows.map(([, name, type, labels, help]) => [name, type, labels, help]);
    const defined = (Object.keys(METRICS) as MetricName[]).map((name) => {
      const { type, labels, help } = METRICS[name];
      return [name, type, labels.map((label) => `\`${label}\``).join(', '), help];
    });
    const request = [REQUEST_METRIC.name, 'histogram', '`operation`, `status`', REQUEST_METRIC.help];
    expect(documented).toEqual([...defined, request]);
  });

  it('the dashboard asks for metrics that exist, by labels that they have', () => {
    const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
      panels: { title: string; targets?: { expr: string }[] }[];
      templating: { list: { query: string }[] };
    };
    const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(queries.length).toBeGreaterThan(15);
    const all = [...queries, ...dashboard.templating.list.map(({ query }) => query)];
    for (const expr of all) {
      for (const [, name, selector = ''] of expr.matchAll(/\b(lb_\w+)(?:\{([^}]*)\})?/g)) {
        const base = name!.replace(/_(bucket|sum|count)$/, '');
        const labels: readonly string[] =
          base === REQUEST_METRIC.name ? [...REQUEST_METRIC.labels, 'le'] : METRICS[name as MetricName].labels;
        const used = [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!);
        expect([expr, used.filter((label) => label !== 'instance' && !labels.includes(label))]).toEqual([expr, []]);
      }
    }
    const shown = new Set(queries.join(' ').match(/\blb_\w+/g));
    for (const name of ['lb_as_first_packets_total', 'lb_vip_imbalance', 'lb_worker_bursts_total', 'lb_as_up']) {
      expect(shown).toContain(name);
    }
  });
});
