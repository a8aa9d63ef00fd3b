import { join } from 'node:path';
import { configsDir } from './paths.js';
import { runLb } from './run.js';
import type { VipType } from './vip-types.js';

/** What `lb replay --json` prints. */
export interface ReplayReport {
  readonly packets: number;
  readonly forwarded: number;
  readonly replied: number;
  readonly punted: number;
  readonly puntedBy: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
  readonly vips: readonly {
    readonly prefix: string;
    readonly protocol: string | null;
    readonly port: number | null;
    readonly counters: {
      readonly existing: number;
      readonly first: number;
      readonly untracked: number;
      readonly noServer: number;
    };
    readonly ass: readonly {
      readonly address: string;
      readonly weight: number;
      readonly packets: number;
      readonly bytes: number;
      readonly buckets: number;
      readonly flows: number;
    }[];
  }[];
}

/** Replays a capture through a configuration of e2e/configs. */
export async function replay(input: string, output: string, type: VipType): Promise<ReplayReport> {
  const config = join(configsDir, `${type.name}.lb`);
  const { status, stdout, stderr } = await runLb('replay', input, output, '--exec', config, '--json');
  if (status !== 0) throw new Error(`lb replay ended with status ${status}: ${stderr}`);
  return JSON.parse(stdout) as ReplayReport;
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
