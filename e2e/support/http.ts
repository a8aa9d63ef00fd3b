import { writeFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Namespace } from './namespace.js';

/** An URL of a host that may be an IPv6 address. */
export function url(host: string, path = '/', port = 80): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}${path}`;
}

/** What curl gets; an error if that is no success within ten seconds. */
export function curl(ns: Namespace, ...words: readonly string[]): Promise<string> {
  return ns.must('curl', '--silent', '--show-error', '--fail', '--max-time', '30', ...words);
}

/** The name of the server that answers. */
export async function whoAnswers(ns: Namespace, address: string): Promise<string> {
  return (await curl(ns, address)).trim();
}

/** Sends so many bytes to `/upload` of a server; gives how many the request had that it received. */
export async function upload(ns: Namespace, address: string, bytes: number): Promise<number> {
  const path = join(ns.folder, `upload-${bytes}`);
  writeFileSync(path, Buffer.alloc(bytes, 'upload\n'));
  const [, received] = (await curl(ns, '--data-binary', `@${path}`, '--header', 'Expect:', address)).split(' ');
  return Number(received);
}
