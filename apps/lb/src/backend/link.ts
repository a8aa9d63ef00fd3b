import { readdirSync } from 'node:fs';
import { backendError } from './errors.js';
import { tryProgram } from './run-program.js';

/** @throws LbError LB_BACKEND_INTERFACE, with the words of `ip` */
export function mtuOf(name: string): number {
  const { ok, stdout, said } = tryProgram('ip', ['-j', 'link', 'show', 'dev', name]);
  if (!ok) throw backendError('LB_BACKEND_INTERFACE', `--interface ${name}: ${said}`);
  const [link] = JSON.parse(stdout) as { mtu: number }[];
  return link!.mtu;
}

/** How many receive queues are in use: AF_XDP needs a socket on each. @throws LbError LB_BACKEND_SETTING */
export function receiveQueues(name: string): number {
  const folder = `/sys/class/net/${name}/queues`;
  try {
    return readdirSync(folder).filter((entry) => entry.startsWith('rx-')).length;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw backendError('LB_BACKEND_SETTING', `cannot count the receive queues of ${name} for af_xdp: ${why}`);
  }
}
