import { describe } from 'vitest';
import { findProgram, systemPackages } from '../../scripts/system-packages.mjs';

/** What a suite needs of the machine: a program of the system packages' table, or the rights of root on Linux. */
export type Need = 'root' | (string & {});

/** A suite that runs where its needs are met; elsewhere its tests are skipped, with the reason in their names. */
export function describeNeeding(needs: readonly Need[], title: string, body: () => void): void {
  const reasons = needs.flatMap((need) => unmet(need) ?? []);
  if (reasons.length === 0) describe(title, body);
  else describe.skip(`${title} (skipped: ${reasons.join(', ')})`, body);
}

function unmet(need: Need): string | undefined {
  if (need === 'root') {
    return process.platform === 'linux' && process.getuid?.() === 0 ? undefined : 'not root on Linux';
  }
  if (findProgram(need) !== undefined) return undefined;
  const name = systemPackages.find(({ probe }) => probe === need)?.name ?? need;
  return `no ${need} here, it comes with the package ${name}`;
}
