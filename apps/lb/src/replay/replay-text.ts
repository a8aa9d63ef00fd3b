import { type Config, showVips, tableLines, viewVips } from '@lb/control';
import { ENTRIES_PER_LINE } from '@lb/core';
import { exactText, plural } from '../text.js';
import { meaningOf, sumOf, type VerdictReport } from '../verdict-report.js';
import type { ReplayReport } from './replay-capture.js';

/** What `lb replay` prints for a person. */
export function replayText(report: ReplayReport, config: Config): string {
  const vips = showVips(viewVips(config, report.vips), true);
  const reasons = reasonLines(report);
  const head = [verdictLine(report), ...untrackedLines(report, config)];
  return [`${head.join('\n')}\n`, ...(reasons.length > 0 ? [`${reasons.join('\n')}\n`] : []), vips].join('\n');
}

/** What to do about packets of flows that the flow table had no room for. */
function untrackedLines({ vips }: ReplayReport, { buckets }: Config): string[] {
  const untracked = vips.reduce((sum, { counters }) => sum + counters.untracked, 0);
  if (untracked === 0) return [];
  const room = `the flow table has room for ${exactText(buckets * ENTRIES_PER_LINE)} flows`;
  return [`${plural(untracked, 'packet')} went without an entry: ${room} (buckets ${buckets})`];
}

function verdictLine({ packets, forwarded, replied, punted, dropped, natReturn }: VerdictReport): string {
  const parts = [
    `${exactText(forwarded)} forwarded${natReturn > 0 ? ` (${exactText(natReturn)} on the way back from a server)` : ''}`,
    `${exactText(replied)} answered here`,
    `${exactText(punted)} left to the kernel`,
    `${exactText(sumOf(dropped))} dropped`,
  ];
  return `${plural(packets, 'packet')}: ${parts.join(', ')}`;
}

/** Why packets were not forwarded; nothing when all were. */
export function reasonLines({ puntedBy, dropped }: VerdictReport): string[] {
  const rows = [
    ...Object.entries(puntedBy).map(([reason, packets]) => [String(packets), 'punt', reason, meaningOf(reason)]),
    ...Object.entries(dropped).map(([reason, packets]) => [String(packets), 'drop', reason, meaningOf(reason)]),
  ];
  if (rows.length === 0) return [];
  const left = (title: string) => ({ title, align: 'left' as const });
  return tableLines([{ title: 'PACKETS', align: 'right' }, left('VERDICT'), left('REASON'), left('MEANING')], rows);
}

/** The text of `show node counters`. */
export function showNodeCounters(report: VerdictReport): string {
  const rows = [
    ['packets', report.packets],
    ['forwarded', report.forwarded],
    ['replied', report.replied],
    ['punted', report.punted],
    ...Object.entries(report.puntedBy).map(([reason, packets]) => [`punted: ${reason}`, packets]),
    ['dropped', sumOf(report.dropped)],
    ...Object.entries(report.dropped).map(([reason, packets]) => [`dropped: ${reason}`, packets]),
    ['nat return', report.natReturn],
  ] as [string, number][];
  const columns = [
    { title: 'COUNTER', align: 'left' },
    { title: 'PACKETS', align: 'right' },
  ] as const;
  return `${tableLines(
    columns,
    rows.map(([name, packets]) => [name, String(packets)]),
  ).join('\n')}\n`;
}
