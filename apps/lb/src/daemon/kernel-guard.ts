import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { delimiter } from 'node:path';
import type { Address } from '@lb/core';
import { entriesFor, type Image, type ImageSpec, natServersOf } from '@lb/dataplane';
import { guardContents, guardTable } from './guard-rules.js';
import type { Log } from './log.js';

const READY_MS = 5000;

/** An interface by the name it has now, with its number among the queues. */
export interface GuardedQueue {
  readonly device: string;
  readonly queue: number;
}

/**
 * Keeps the kernel from answering or forwarding what the workers take through AF_PACKET, which leaves the kernel its
 * copy of every packet. It would refuse connections to node ports, and forward VIPs if it is a router. The rules
 * belong to an nft process that listens to us, so they are gone whenever we are, however we end.
 */
export class KernelGuard {
  /** Processes in different namespaces may have the same number. */
  private readonly table = `lb_serve_${process.pid}_${randomBytes(4).toString('hex')}`;
  private last = '';

  private constructor(
    private readonly nft: ChildProcess,
    private readonly interfaces: readonly GuardedQueue[],
  ) {}

  /** Undefined, with a warning, where nftables are not to be had. */
  static async open(interfaces: readonly GuardedQueue[], log: Log): Promise<KernelGuard | undefined> {
    const path = [process.env.PATH ?? '', '/usr/sbin', '/sbin'].join(delimiter);
    const nft = spawn('nft', ['-i'], { env: { ...process.env, PATH: path }, stdio: 'pipe' });
    const guard = new KernelGuard(nft, interfaces);
    try {
      await guard.create();
    } catch (error) {
      nft.kill();
      const why = (error as Error).message;
      const message = `the kernel handles packets of ${interfaces.map(({ device }) => device).join(', ')} as well, since nftables cannot keep it from that: it refuses connections to node ports, and forwards VIPs if it forwards at all`;
      log.warn({ code: 'LB_LIVE_WARN_FORWARD', why }, message);
      return undefined;
    }
    nft.stderr!.on('data', (chunk: Buffer) => log.warn({ nft: chunk.toString().trim() }, 'nftables refused a change'));
    nft.once('exit', () => !guard.closing && log.error({}, 'nft ended: the kernel handles packets of VIPs as well'));
    return guard;
  }

  private closing = false;

  private async create(): Promise<void> {
    const { nft, table, interfaces } = this;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const fail = (text: string) => reject(new Error(text));
      const timer = setTimeout(() => fail(`nft did not answer: ${said.trim()}`), READY_MS);
      const settle = (then: () => void) => {
        clearTimeout(timer);
        then();
      };
      nft.once('error', (error) => settle(() => fail(error.message)));
      nft.once('exit', () => settle(() => fail(`nft ended: ${said.trim()}`)));
      const errors = (chunk: Buffer) => {
        said += chunk.toString();
        settle(() => fail(said.trim().split('\n')[0] ?? ''));
      };
      nft.stderr!.once('data', errors);
      nft.stdout!.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (/^(nft> *)?Error/m.test(said)) settle(() => fail(said.trim().split('\n')[0] ?? ''));
        if (!said.includes(`table inet ${table}`)) return;
        nft.stderr!.off('data', errors);
        settle(resolve);
      });
      nft.stdin!.on('error', () => undefined);
      nft.stdin!.write(
        `${guardTable(
          table,
          interfaces.map(({ device }) => device),
        )}list tables inet\n`,
      );
    });
    nft.removeAllListeners('exit');
    nft.stdout!.removeAllListeners('data').resume();
  }

  /** Take over what an image serves. */
  apply(spec: ImageSpec, hostAddresses: readonly Address[], image: Image): void {
    const natServers = natServersOf(image);
    const contents = guardContents(
      this.table,
      this.interfaces.map(({ device, queue }) => ({
        name: device,
        entries: entriesFor(spec, hostAddresses, { input: queue, natServers }),
      })),
    );
    if (contents === this.last) return;
    this.last = contents;
    this.nft.stdin!.write(contents);
  }

  /** The rules are gone when this resolves. */
  async close(): Promise<void> {
    this.closing = true;
    if (this.nft.exitCode !== null || this.nft.signalCode !== null) return;
    const gone = once(this.nft, 'exit');
    this.nft.stdin!.end();
    await gone;
  }
}
