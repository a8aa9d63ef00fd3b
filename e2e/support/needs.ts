import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { findProgram, systemPackages } from '../../scripts/system-packages.mjs';
import { repositoryRoot } from './paths.js';

const nativeLibrary = process.env.LBQ_LIBRARY ?? join(repositoryRoot, 'native/build/liblbqueue.so');

/** What a suite needs of the machine: a program of the system packages' table, the rights of root on Linux, or the native library. */
export type Need = 'root' | 'native library' | (string & {});

/** A suite that runs where its needs are met; elsewhere its tests are skipped, with the reason in their names. */
export function describeNeeding(needs: readonly Need[], title: string, body: () => void): void {
  const reasons = unmetNeeds(needs);
  if (reasons.length === 0) describe(title, body);
  else describe.skip(`${title} (skipped: ${reasons.join(', ')})`, body);
}

/** Why needs are not met, in words; empty if all are. */
export function unmetNeeds(needs: readonly Need[]): string[] {
  return needs.flatMap((need) => unmet(need) ?? []);
}

function unmet(need: Need): string | undefined {
  if (need === 'root') {
    return process.platform === 'linux' && process.getuid?.() === 0 ? undefined : 'not root on Linux';
  }
  if (need === 'native library') {
    return existsSync(nativeLibrary)
      ? undefined
      : 'liblbqueue is not built, npm run setup builds it where a compiler is';
  }
  if (findProgram(need) !== undefined) return undefined;
  const name = systemPackages.find(({ probe }) => probe === need)?.name ?? need;
  return `no ${need} here, it comes with the package ${name}`;
}
