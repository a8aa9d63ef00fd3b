import type { Plan } from '@lb/control';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runMain, TestFolder } from '../cli.testkit.js';
import { ServeProgram } from '../daemon/program.testkit.js';

const folder = new TestFolder();
const socket = folder.file('lb.sock');
let program: ServeProgram;

beforeAll(async () => {
  const lines = ['lb conf ip4-src-address 192.0.2.1', 'lb vip 90.0.0.0/8', 'lb as 90.0.0.0/8 10.0.0.1 10.0.0.2'];
  program = await ServeProgram.start(socket, '--exec', folder.write('config.lb', ...lines));
}, 20_000);
afterAll(async () => {
  await program.stop();
  folder.remove();
});

/** A command that has to succeed. */
async function lb(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runMain(...words, '--socket', socket);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

it('a plan counts the flows there are, and a drain is waited for until they are over', async () => {
  // With no interface, traffic of a hundred flows is made: all are established after the first look of top.
  expect(await lb('top')).toContain('100 of ');
  const file = folder.write('change.lb', 'lb as 90.0.0.0/8 10.0.0.1 del flush');
  const plan = JSON.parse(await lb('plan', '--exec', file, '--json')) as Plan;
  expect(plan.flows!.kept + plan.flows!.cut).toBe(100);
  const drained = await lb('drain', '90.0.0.0/8', '10.0.0.1', '--deadline', '1', '--wait');
  expect(drained).toBe('10.0.0.1 of 90.0.0.0/8: draining, weight 100, now 0, 0 flows\nrevision 2\n');
  const events = await lb('events');
  expect(events).toContain('10.0.0.1 is draining');
});

it('the table and the fate of a flow are those of the moment, not what the configuration leads to', async () => {
  const shares = async () => JSON.parse(await lb('table', '90.0.0.0/8', '--json')).ass;
  expect(await shares()).toMatchObject([{ address: '10.0.0.2', weight: 100, buckets: 1024, ideal: 1 }]);
  await lb('enable', '90.0.0.0/8', '10.0.0.1');
  // Nothing in the end, but for the next hours nearly all.
  await lb('weight', '90.0.0.0/8', '10.0.0.1', '0', '--over', '86400');
  const [moving] = await shares();
  expect(moving).toMatchObject({ address: '10.0.0.1', weight: 100, buckets: 512 });
  const chosen = new Set<string>();
  for (const port of Array(64).keys()) {
    const explained = JSON.parse(await lb('explain', `198.51.100.1:${port} > 90.0.0.1:80/tcp`, '--json'));
    chosen.add(explained.as.address);
  }
  expect(chosen).toEqual(new Set(['10.0.0.1', '10.0.0.2']));
});

it('a rollback brings the server back', async () => {
  expect(await lb('rollback', '1', '--yes')).toMatch(/revision 5\n$/);
  expect(await lb('diff', '1', '5')).toBe('no difference\n');
});
