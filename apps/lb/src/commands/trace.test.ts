import { afterAll, beforeAll, expect, it } from 'vitest';
import { CommandApi } from '../client/api.testkit.js';

let api: CommandApi;
beforeAll(async () => {
  api = await CommandApi.open();
});
afterAll(() => api.close());

it('shows each packet stage by stage, as many as asked for', async () => {
  const { status, stdout, stderr } = await api.run('trace', '-n', '2');
  expect([status, stderr]).toEqual([0, 'lb trace: 3 more packets came too fast to be shown\n']);
  const packet = (n: number) =>
    [
      `2026-11-22T10:01:00.00000000${n}Z  worker 0`,
      '  rx        60 bytes from queue 0',
      `  parse     198.51.100.1:${1000 + n} > 90.1.2.3:53/udp`,
      '  classify  VIP 90.0.0.0/8',
      '  select    new flow 0x0123456789abcdef: bucket 17, AS 10.0.0.1',
      '  rewrite   24 bytes longer',
      '  verdict   forward',
      '  tx        84 bytes to queue 0',
      '',
    ].join('\n');
  expect(stdout).toBe(`${packet(0)}\n${packet(1)}`);
});

it('of the packets that the options name', async () => {
  const { stdout } = await api.run(
    ...['trace', '--vip', '91.1.2.1', '--as', '10.0.0.3', '--client', '198.51.100.0/24', '--port', '80'],
    ...['--protocol', 'tcp', '--verdict', 'drop', '--reason', 'no-server', '--sample', '10', '--snap', '64'],
    ...['--count', '1', '--seconds', '0.5', '--json'],
  );
  expect(JSON.parse(stdout)).toMatchObject({ records: [{ verdict: 'forward', before: { length: 60 } }], missed: 3 });
  expect(api.test.balancer.traced.at(-1)).toEqual({
    vip: { prefix: '91.1.2.1/32', protocol: 'tcp', port: 80 },
    as: '10.0.0.3',
    client: '198.51.100.0/24',
    port: 80,
    protocol: 'tcp',
    verdict: 'drop',
    reason: 'no-server',
    sample: 10,
    snapBytes: 64,
    count: 1,
    seconds: 0.5,
  });
});

it('says which VIP, word or number it did not understand', async () => {
  const failure = async (...words: string[]) => (await api.run('trace', ...words)).stderr;
  expect(await failure('--vip', '99.0.0.0/8')).toMatch(/^lb trace: there is no VIP 99\.0\.0\.0\/8.*LB_CLI_VIP/);
  expect(await failure('--reason', 'no-sever')).toMatch(/no-sever.*did you mean 'no-server'.*LB_API_REQUEST/);
  expect(await failure('--verdict', 'dropp')).toMatch(/must be forward, reply, punt, drop or hold.*LB_CLI_USAGE/);
  expect(await failure('-n', '1001')).toMatch(/--count must be a whole number from 1 to 1000/);
  await api.run('vip', '91.1.2.1/32', 'port', '81', 'protocol', 'tcp');
  expect(await failure('--vip', '91.1.2.1', '--port', '80')).toMatch(
    /91\.1\.2\.1\/32 has 2 VIPs.*91\.1\.2\.1\/32,tcp,80 or 91\.1\.2\.1\/32,tcp,81.*LB_CLI_VIP/,
  );
});
