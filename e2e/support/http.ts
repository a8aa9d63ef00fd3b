import { isIPv6 } from 'node:net';
import type { Namespace } from './namespace.js';

/** An URL of a host that may be an IPv6 address. */
export function url(host: string, path = '/', port = 80): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}${path}`;
}

/** What curl prints; an error if it got no success within ten seconds. */
export function curl(ns: Namespace, ...words: readonly string[]): Promise<string> {
  return ns.must('curl', '--silent', '--show-error', '--fail', '--max-time', '10', ...words);
}
