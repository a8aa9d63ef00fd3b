import { join } from 'node:path';
import type { Namespace } from './namespace.js';
import { repositoryRoot } from './paths.js';

export interface DnsFlowsOptions {
  readonly host: string;
  readonly port: number;
  readonly flows: number;
  /** Questions on each flow, one after the other. */
  readonly questions: number;
  readonly timeoutMs?: number;
}

export interface DnsFlowsReport {
  readonly answers: number;
  /** Answers that came from another server than the one before on the same flow. */
  readonly moved: number;
  /** Flows by the server that answered first. */
  readonly servers: Readonly<Record<string, number>>;
  /** What went wrong, and how often: `timeout`, or the error that an ICMP message became. */
  readonly failures: Readonly<Record<string, number>>;
}

/** UDP flows, each from a port of its own, that one after the other ask for the server's name several times from one port. */
export async function askNames(ns: Namespace, options: DnsFlowsOptions): Promise<DnsFlowsReport> {
  const script = join(repositoryRoot, 'e2e/support/programs/dns-flows.mjs');
  const stdout = await ns.must(process.execPath, script, JSON.stringify({ timeoutMs: 10_000, ...options }));
  return JSON.parse(stdout) as DnsFlowsReport;
}
