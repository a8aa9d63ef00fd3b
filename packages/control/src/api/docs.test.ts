import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Route } from './contract/route.js';
import { ROUTES } from './contract/routes.js';
import { API_ERRORS, statusOfCode } from './errors.js';
import { API_LIMITS } from './limits.js';

const PAGE = readFileSync(new URL('../../../../docs/api.md', import.meta.url), 'utf8');

/** Rows of the first table of a section, as cells without their code marks. */
function rows(heading: string): string[][] {
  const section = PAGE.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  const cells = lines.slice(2).map((line) => line.slice(1, -1).split('|'));
  return cells.map((row) => row.map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')));
}

describe('docs/api.md', () => {
  it('has every operation, with what it does and who may ask for it', () => {
    const wanted = Object.entries(ROUTES).map(([name, route]) => {
      const { method, path, role, local, summary }: Route = route;
      return [name, `${method} ${path}`, local ? 'Unix socket' : role, summary];
    });
    expect(rows('Operations')).toEqual(wanted);
  });

  it('has every status that an error can have', () => {
    const documented = new Set(rows('Errors').flatMap(([statuses]) => statuses!.split(', ').map(Number)));
    const codes = [...Object.keys(API_ERRORS), 'LB_CFG_PORT', 'LB_STATE_CONFLICT', 'LB_STATE_DISK', 'LB_CLI_FLOW'];
    for (const code of codes) expect([code, documented.has(statusOfCode(code))]).toEqual([code, true]);
    expect(statusOfCode('LB_NET_MONITOR')).toBe(500);
    expect(statusOfCode('constructor')).toBe(500);
  });

  it('has the limits as they are', () => {
    const limits = Object.fromEntries(rows('Limits').map(([what, limit]) => [what, Number(/\d+/.exec(limit!)![0])]));
    expect(limits).toMatchObject({
      body: API_LIMITS.bodyBytes / 2 ** 20,
      'whole request': API_LIMITS.requestMs / 1000,
      'requests of a token': API_LIMITS.tokenPerSecond,
      'requests of an address without a token': API_LIMITS.peerPerSecond,
      'requests on the Unix socket': API_LIMITS.unixPerSecond,
      'connections of each listener': API_LIMITS.connections,
      streams: API_LIMITS.streams,
    });
  });
});
