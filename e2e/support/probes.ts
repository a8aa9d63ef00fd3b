import { join } from 'node:path';
import type { Namespace } from './namespace.js';
import { repositoryRoot } from './paths.js';
import type { Running } from './running.js';
import { until } from './until.js';

const intervalMs = 10;

/** What became of the questions that were asked after a moment. */
export interface Outage {
  /** From the moment to the first answer to one of them. */
  readonly answeredAfterMs: number;
  /** Questions without an answer, a hundred a second. */
  readonly lost: number;
}

/** DNS questions on one UDP flow, a hundred a second whether they are answered or not, for some minutes: how long nothing comes through. */
export class Probes {
  private constructor(private readonly program: Running) {}

  /** Starts them; returns when the first is answered. */
  static async start(ns: Namespace, target: { readonly host: string; readonly port: number }): Promise<Probes> {
    const script = join(repositoryRoot, 'e2e/support/programs/probes.mjs');
    const program = ns.start(process.execPath, script, JSON.stringify({ ...target, intervalMs }));
    await program.says(/^answered /m);
    return new Probes(program);
  }

  /**
   * Waits until questions that were asked after a moment are answered, and ends.
   * @param sinceMs milliseconds since 1970
   * @param server whose answers count; by default any
   */
  async finish(sinceMs: number, server?: string): Promise<Outage> {
    const outage = await until('probes are answered', () => this.#outage(sinceMs, server));
    await this.program.stop('SIGINT');
    return outage;
  }

  #outage(sinceMs: number, server?: string): Outage | undefined {
    const asked = [...this.program.output.matchAll(/^asked (\d+) (\S+)\n/gm)]
      .map(([, number, ms]) => ({ number, ms: Number(ms) }))
      .filter(({ ms }) => ms >= sinceMs);
    const numbers = new Set(asked.map(({ number }) => number));
    const answers = [...this.program.output.matchAll(/^answered (\d+) (\S+) (\S+)\n/gm)]
      .map(([, number, ms, name]) => ({ number, ms: Number(ms), name }))
      .filter(({ number, ms, name }) => ms >= sinceMs && numbers.has(number) && name === (server ?? name));
    const [first, second] = [answers[0], answers.at(-1)];
    // A second one tells that those before it are not on their way any more.
    if (first === undefined || second === undefined || first === second) return undefined;
    const answered = new Set(answers.map(({ number }) => number));
    const last = asked.findIndex(({ number }) => number === second.number);
    const lost = asked.slice(0, last).filter(({ number }) => !answered.has(number)).length;
    return { answeredAfterMs: first.ms - sinceMs, lost };
  }
}
