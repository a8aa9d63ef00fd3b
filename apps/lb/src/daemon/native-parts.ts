import type { Supervisor } from '@lb/dataplane';
import type { LiveWarning } from './errors.js';
import type { InterfaceOption } from './interface-option.js';
import { Interfaces } from './interfaces.js';
import { KernelGuard } from './kernel-guard.js';
import { LiveNetwork } from './live-network.js';
import type { Log } from './log.js';

/** The parts that exist only where real interfaces are served. */
export interface NativeParts {
  readonly network: LiveNetwork;
  readonly interfaces: Interfaces;
  readonly guard: KernelGuard | undefined;
}

/** @throws LbError LB_DAEMON_INTERFACE, LB_DAEMON_INTERFACE_LIVE, LB_DAEMON_QUEUES, LB_NATIVE_*, LB_NET_*; then nothing is left open */
export async function openNative(options: readonly InterfaceOption[], workers: number, log: Log): Promise<NativeParts> {
  const network = await LiveNetwork.open(log);
  let interfaces: Interfaces | undefined;
  let guard: KernelGuard | undefined;
  try {
    const warn = ({ code, message }: LiveWarning) => log.warn({ code }, message);
    interfaces = Interfaces.open(options, network.state.snapshot.links, workers, warn);
    network.bind(interfaces.list);
    const packet = interfaces.list.filter(({ kind }) => kind === 'af_packet');
    guard = packet.length === 0 ? undefined : await KernelGuard.open(packet, log);
    return { network, interfaces, guard };
  } catch (error) {
    interfaces?.detach();
    await guard?.close();
    interfaces?.release();
    await network.stop();
    throw error;
  }
}

/** Detaches the filters first: from then on the kernel gets all packets, and none waits for a worker that is gone. */
export async function closeParts(supervisor: Supervisor | undefined, native: NativeParts | undefined): Promise<void> {
  native?.interfaces.detach();
  await supervisor?.stop();
  await native?.guard?.close();
  native?.interfaces.release();
  await native?.network.stop();
}
