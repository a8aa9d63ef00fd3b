import { setImmediate } from 'node:timers/promises';
import { type Address, formatAddress } from '@lb/core';
import { NativeQueue } from '@lb/dataplane';
import type { BackendSpec } from './backend-spec.js';
import { backendError } from './errors.js';
import { gateways, Host } from './host.js';
import { Inputs } from './inputs.js';
import { interfaceNames } from './kernel-settings.js';
import { mtuOf } from './link.js';
import { checkVips, hostAddresses, localAddresses, sameAddresses } from './local-addresses.js';
import { Pump } from './pump.js';
import { type BackendReport, backendReport } from './report.js';
import { Unwrapper } from './unwrapper.js';

/** How long the thread sleeps when nothing comes; signals end the sleep, timers wait for its end. */
const WAIT_US = 100_000;
/** Bursts after which signals and timers get their turn under load. */
const TURNS = 16;

/**
 * A backend that is set up: from the constructor on the host answers for the VIPs, and {@link run} gives it their traffic.
 * {@link close} takes everything back.
 */
export class Backend {
  /** Addresses that balanced traffic is sent to, at this time. */
  local: readonly Address[];
  private readonly host: Host;
  private readonly inputs: Inputs;
  private readonly tap: NativeQueue;
  private readonly unwrapper: Unwrapper;
  private readonly pump: Pump;
  private readonly started = performance.now();

  /** @throws LbError LB_BACKEND_*, LB_NATIVE_*; nothing is left behind then */
  constructor(private readonly spec: BackendSpec) {
    const mtu = Math.max(...spec.interfaces.map(({ name }) => mtuOf(name)));
    const addresses = hostAddresses();
    checkVips(spec, addresses, gateways());
    this.local = localAddresses(spec, addresses);
    this.host = new Host(spec);
    const stale = this.host.findStale();
    this.inputs = new Inputs(spec.interfaces, mtu);
    let tap: NativeQueue | undefined;
    try {
      tap = NativeQueue.open(this.inputs.pool, { kind: 'tap', interface: spec.tap });
      this.host.setUp(mtu, this.local, stale);
      this.unwrapper = new Unwrapper(this.inputs.pool.frames, spec, tap.info().mac);
      this.unwrapper.setLocal(this.local);
      this.inputs.setLocal(this.local);
    } catch (error) {
      tap?.close();
      this.inputs.close();
      this.host.undo();
      throw error;
    }
    this.tap = tap;
    this.pump = new Pump(this.inputs.pool, this.inputs.all, tap, this.unwrapper);
  }

  /** Gives the host its traffic until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    let turns = 0;
    while (!signal.aborted) {
      const received = this.pump.run();
      if (received === 0) this.inputs.wait(WAIT_US);
      if (received > 0 && ++turns < TURNS) continue;
      turns = 0;
      await setImmediate();
    }
  }

  /**
   * Looks whether the interfaces are still there and which addresses they have; for once a second. An interface without
   * any address is taken to be off for a moment.
   * @throws LbError LB_BACKEND_INTERFACE
   */
  follow(): void {
    const there = interfaceNames();
    const gone = [...this.spec.interfaces.map(({ name }) => name), this.spec.tap].find((name) => !there.includes(name));
    if (gone !== undefined) throw backendError('LB_BACKEND_INTERFACE', `the interface ${gone} is gone`);
    const local = localAddresses(this.spec, hostAddresses());
    if (local.length === 0 || sameAddresses(local, this.local)) return;
    this.host.setLocal(local);
    this.unwrapper.setLocal(local);
    this.inputs.setLocal(local);
    this.local = local;
  }

  report(): BackendReport {
    const { outcomes, deliveredBytes: bytes, untaken } = this.pump;
    const { txErrors } = this.tap.stats();
    const seconds = (performance.now() - this.started) / 1000;
    return backendReport(seconds, outcomes, { bytes, untaken: untaken + txErrors, lost: this.inputs.lost() });
  }

  /** What takes traffic, in words. */
  describe(): string {
    const { interfaces, vips, tap } = this.spec;
    const from = interfaces.map(({ name, kind }) => `${name} (${kind})`).join(', ');
    const local = this.local.map(formatAddress).join(', ') || 'no address yet';
    return `${from} at ${local} to ${tap}, ${vips.length} ${vips.length === 1 ? 'VIP' : 'VIPs'}`;
  }

  close(): void {
    try {
      this.inputs.close();
      this.tap.close();
    } finally {
      this.host.undo();
    }
  }
}
