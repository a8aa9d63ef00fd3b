import type { Namespace } from './namespace.js';
import type { Running } from './running.js';
import { until } from './until.js';

const intervalMs = 20;

/** Echo requests fifty times a second, and when answers came: how long a balancer is away. */
export class Pings {
  private constructor(private readonly ping: Running) {}

  /** Starts them; returns when the first is answered. */
  static async start(ns: Namespace, host: string): Promise<Pings> {
    const ping = ns.start('ping', '-n', '-D', '-i', `${intervalMs / 1000}`, host);
    await ping.says(/icmp_seq=/);
    return new Pings(ping);
  }

  /** Waits for answers to requests that are sent from now on, and ends. */
  async finish(): Promise<{ longestSilenceMs: number }> {
    const before = this.#answers().length;
    await until('pings are answered', () => this.#answers().length > before + 1);
    await this.ping.stop('SIGINT');
    const times = this.#answers();
    const silences = times.slice(1).map((time, index) => time - times[index]!);
    return { longestSilenceMs: Math.max(...silences) };
  }

  /** When each answer came, in milliseconds. */
  #answers(): number[] {
    const lines = this.ping.output.matchAll(/^\[(\d+\.\d+)\] \d+ bytes from /gm);
    return [...lines].map(([, seconds]) => Number(seconds) * 1000);
  }
}
