import { type Config, describeVip, tableLines, type VipConfig } from '@lb/control';
import { bar, exactText, percentText } from '../text.js';
import { asLabels, bucketMap, MAX_BUCKETS_MAPPED } from './bucket-map.js';
import type { TableReport } from './table-report.js';

const BAR_WIDTH = 32;

/** What `lb table` prints for a person: the shares, then the buckets as a map. */
export function tableText(report: TableReport, config: Config, vip: VipConfig): string {
  const lines = [headline(report, config, vip), '', ...shareLines(report)];
  if (report.ass.length > 0) {
    lines.push('', 'Buckets by the first column (· no server):', ...bucketMap(report));
    const more = report.buckets.length - MAX_BUCKETS_MAPPED;
    if (more > 0) lines.push(`… and ${exactText(more)} more; --buckets lists them all`);
  }
  return `${lines.join('\n')}\n`;
}

/** One line a bucket. */
export function bucketLines({ buckets }: TableReport): string {
  const width = String(buckets.length - 1).length;
  return `${buckets.map((address, i) => `${String(i).padStart(width)}  ${address ?? '·'}`).join('\n')}\n`;
}

function headline({ imbalance, newLen }: TableReport, config: Config, vip: VipConfig): string {
  const parts = [`encap ${vip.encap}`, `new_len ${newLen}`, `table ${config.table}`];
  if (imbalance > 0) parts.push(`fullest AS at ${imbalance.toFixed(3)} of its ideal share`);
  return `VIP ${describeVip(vip)}: ${parts.join(', ')}`;
}

function shareLines({ ass }: TableReport): string[] {
  if (ass.length === 0) return ['no AS: packets of this VIP are dropped'];
  const labels = asLabels(ass.length);
  const largest = ass.reduce((most, { share }) => Math.max(most, share), 0);
  const rows = ass.map(({ address, weight, buckets, share, ideal }, i) => [
    labels[i]!,
    address,
    String(weight),
    String(buckets),
    percentText(share),
    percentText(ideal),
    largest > 0 ? bar(share / largest, BAR_WIDTH) : '',
  ]);
  const right = (title: string) => ({ title, align: 'right' as const });
  const left = (title: string) => ({ title, align: 'left' as const });
  const columns = [right(''), left('AS'), ...['WEIGHT', 'BUCKETS', 'SHARE', 'IDEAL'].map(right), left('')];
  return tableLines(columns, rows);
}
