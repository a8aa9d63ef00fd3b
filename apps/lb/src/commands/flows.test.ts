import { afterAll, beforeAll, expect, it } from 'vitest';
import { CommandApi } from '../client/api.testkit.js';

let api: CommandApi;
beforeAll(async () => {
  api = await CommandApi.open();
});
afterAll(() => api.close());

interface Listed {
  readonly flows: readonly {
    readonly as: string;
    readonly vip: string;
    readonly clientPort: number;
    readonly state: string;
  }[];
  readonly total: number;
}

it('lists flows, as many as asked for, and says how many there are', async () => {
  const lines = (await api.output('flows', '--limit', '2')).trimEnd().split('\n');
  expect(lines).toEqual([
    'PROTOCOL  CLIENT             DESTINATION  VIP         AS        STATE        WORKER  EXPIRES IN',
    'tcp       198.51.100.1:1000  90.1.2.1:80  90.0.0.0/8  10.0.0.1  opening           0      39.5 s',
    'tcp       198.51.100.1:1001  90.1.2.1:80  90.0.0.0/8  10.0.0.1  established       0      39.5 s',
    '… and 19 more; --limit shows them',
  ]);
});

it('of a VIP and of a server, with all pages', async () => {
  const { flows, total } = await api.json<Listed>('flows', '--vip', '91.1.2.1', '--limit', '50000');
  expect([flows.length, total]).toEqual([7, 7]);
  expect(new Set(flows.map(({ vip }) => vip))).toEqual(new Set(['91.1.2.1/32,tcp,80']));
  const ofServer = await api.json<Listed>('flows', '--as', '10.0.0.2');
  expect(ofServer.flows.map(({ as }) => as)).toEqual(Array(7).fill('10.0.0.2'));
});

it('in a state', async () => {
  const { flows, total } = await api.json<Listed>('flows', '--state', 'opening');
  expect(total).toBe(3);
  expect(flows.map(({ state }) => state)).toEqual(['opening', 'opening', 'opening']);
  expect(await api.output('flows', '--state', 'closing')).toBe('no flows\n');
});

it('asks for page after page until it has enough', async () => {
  const { balancer } = api.test;
  const limits: number[] = [];
  const { flows } = balancer;
  // A daemon may give less than it is asked for.
  balancer.flows = (query) => {
    limits.push(query.limit);
    return flows.call(balancer, { ...query, limit: Math.min(query.limit, 3) });
  };
  const listed = await api.json<Listed>('flows', '--as', '10.0.0.1', '--limit', '5');
  balancer.flows = flows;
  expect(listed.flows.map(({ clientPort }) => clientPort)).toEqual([1000, 1001, 1002, 1003, 1004]);
  expect(limits).toEqual([5, 2]);
});

it('finds one flow', async () => {
  const flow = '198.51.100.1:1000 > 90.1.2.1:80/tcp';
  expect(await api.output('flows', flow)).toBe(`${flow} is in no flow table\n`);
  expect(await api.json('flows', flow)).toEqual({ flow, entry: null });
  expect((await api.run('flows', 'nonsense')).stderr).toMatch(/^lb flows: .*\(LB_CLI_FLOW\)\n$/);
});

it('says what a filter accepts', async () => {
  expect((await api.run('flows', '--client', '198.51.100.0/33')).stderr).toMatch(/^lb flows: .*198\.51\.100\.0\/33/);
  expect((await api.run('flows', '--state', 'open')).stderr).toMatch(
    /--state must be opening, established or closing, got 'open' \(LB_CLI_USAGE\)/,
  );
  expect((await api.run('flows', '--vip', '99.0.0.0/8')).stderr).toMatch(/there is no VIP 99\.0\.0\.0\/8.*LB_CLI_VIP/);
});
