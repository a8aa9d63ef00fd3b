import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { VipView } from '@lb/control';
import { LbClient } from '@lb/control/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtProgram, runMain, TestFolder } from '../cli.testkit.js';
import type { NodeCounters } from './node-counters.js';

const folder = new TestFolder();
const socket = folder.file('lb.sock');
const client = new LbClient({ socketPath: socket });
let program: ChildProcess;
const events: { msg: string; [key: string]: unknown }[] = [];
let told: () => void = () => {};

beforeAll(async () => {
  const config = folder.write(
    'config.lb',
    'lb conf ip4-src-address 192.0.2.1',
    'lb vip 90.0.0.0/8',
    'lb as 90.0.0.0/8 10.0.0.1 10.0.0.2',
  );
  const words = ['serve', '--exec', config, '--socket', socket, '--workers', '2', '--rate', '20000', '--flows', '100'];
  program = spawn(process.execPath, [builtProgram(), ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  createInterface({ input: program.stderr! }).on('line', (line) => {
    if (line.startsWith('{')) events.push(JSON.parse(line));
    told();
  });
  for await (const line of createInterface({ input: program.stdout! })) if (line.includes('ready')) break;
  program.stdout!.resume();
}, 20_000);
afterAll(() => {
  client.close();
  program.kill('SIGKILL');
  folder.remove();
});

const vips = async () => (await client.exec(['show lb vip verbose'])).json[0] as VipView[];
const nodeCounters = async () => (await client.exec(['show node counters'])).json[0] as NodeCounters;

/** The first state of the daemon that is as wanted. */
async function until<T>(read: () => Promise<T>, wanted: (state: T) => boolean): Promise<T> {
  for (const deadline = performance.now() + 40_000; ; ) {
    const state = await read();
    if (wanted(state)) return state;
    if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(state)}`);
  }
}

describe('the daemon', () => {
  it('shows its configuration and its counters', async () => {
    const [vip] = await until(vips, ([{ ass }]) => ass.every(({ flows }) => (flows ?? 0) > 0));
    expect(vip).toMatchObject({ prefix: '90.0.0.0/8', overheadBytes: 24, ass: [{ buckets: 512 }, { buckets: 512 }] });
    const counters = await nodeCounters();
    expect(counters.workers).toMatchObject([
      { worker: 0, state: 'running' },
      { worker: 1, state: 'running' },
    ]);
    expect(counters.packets).toBe(counters.forwarded);
  });

  it('answers show lines as text, in their order', async () => {
    const { output, json } = await client.exec(['show lb', 'show lb vip', 'show node counters']);
    expect(json).toHaveLength(3);
    expect(output).toMatch(/^SETTING.*^VIP .*^revision /ms);
  });

  it('takes over all lines, and its workers use them when it answers', async () => {
    const { revision, image } = await nodeCounters();
    await client.exec(['lb vip 91.0.0.0/8', 'lb as 91.0.0.0/8 10.0.0.3']);
    expect((await vips()).map(({ prefix }) => prefix)).toEqual(['90.0.0.0/8', '91.0.0.0/8']);
    expect(await nodeCounters()).toMatchObject({ revision: revision + 1, acknowledged: image + 1 });
  });

  it('or none of them, and says which is wrong', async () => {
    const before = await nodeCounters();
    await expect(client.exec(['lb vip 92.0.0.0/8', '', 'lb as 93.0.0.0/8 10.0.0.4'])).rejects.toMatchObject({
      code: 'LB_CFG_VIP_MISSING',
      problems: [{ line: 3, column: 7 }],
    });
    await expect(client.exec(['lb vip 92.0.0.0/8', 'lb pip'])).rejects.toMatchObject({ code: 'LB_CFG_WORD' });
    expect((await vips()).map(({ prefix }) => prefix)).not.toContain('92.0.0.0/8');
    expect((await nodeCounters()).revision).toBe(before.revision);
  });

  it('tells of a warning once', async () => {
    const codes = async (line: string) => (await client.exec([line])).warnings.map(({ code }) => code);
    expect(await codes('lb vip 94.0.0.0/8')).toEqual(['LB_CFG_WARN_NO_AS']);
    expect(await codes('lb vip 94.0.0.0/8 del')).toEqual([]);
    expect(await codes('lb conf buckets 2048')).toEqual(['LB_LIVE_WARN_BUCKETS']);
    expect(await codes('lb conf buckets 1024')).toEqual([]);
  });

  it('cuts the flows of a flushed VIP: they are balanced anew', async () => {
    const first = async () => (await vips())[0]!.counters!.first;
    const before = await first();
    await client.exec(['lb flush vip 90.0.0.0/8']);
    await until(first, (count) => count >= before + 50);
  });

  it('counts a VIP that takes the place of another from zero', async () => {
    await client.exec(['lb vip 91.0.0.0/8 del']);
    await client.exec(['lb vip 95.0.0.0/8', 'lb as 95.0.0.0/8 10.0.0.5 weight 0']);
    const { counters } = (await vips()).find(({ prefix }) => prefix === '95.0.0.0/8')!;
    expect(counters!.existing).toBe(0);
    await client.exec(['lb vip 95.0.0.0/8 del']);
  });

  it('reclaims ASs that are gone when their flows are over', async () => {
    await client.exec(['lb conf timeout 1', 'lb as 90.0.0.0/8 10.0.0.2 del']);
    const { image } = await nodeCounters();
    // The image after that, which leaves the slot out, comes by itself.
    await until(nodeCounters, (counters) => counters.image > image);
    await client.exec(['lb as 90.0.0.0/8 10.0.0.6 weight 0']);
    expect((await vips())[0]!.ass[1]).toMatchObject({ address: '10.0.0.6', packets: 0, flows: 0 });
  });

  it('replaces a worker that dies', async () => {
    const back = new Promise<void>((resolve) => {
      told = () => events.some(({ msg }) => msg === 'worker 1 is back') && resolve();
    });
    await client.call('killWorker', { params: { worker: '1' } });
    await back;
    expect((await nodeCounters()).workers[1]).toMatchObject({ state: 'running' });
    await expect(client.call('killWorker', { params: { worker: '2' } })).rejects.toMatchObject({
      message: 'there is no worker 2: they are 0 to 1',
    });
  });

  it('lets `lb table` and `lb explain` look at its configuration', async () => {
    const table = await runMain('table', '90.0.0.0/8', '--socket', socket, '--json');
    expect(JSON.parse(table.stdout)).toMatchObject({ newLen: 1024, ass: [{ address: '10.0.0.1', buckets: 1024 }, {}] });
    const flow = '198.51.100.1:1000 > 90.0.0.1:80/tcp';
    const explained = await runMain('explain', flow, '--socket', socket, '--json');
    expect(JSON.parse(explained.stdout)).toMatchObject({ verdict: 'forward', as: { address: '10.0.0.1' } });
    const both = await runMain('table', '90.0.0.0/8', '--socket', socket, '--exec', 'x');
    expect(both.stderr).toContain('not of both');
  });

  it('lists flows, finds one of them, and explains it as the workers have it', async () => {
    const api = new LbClient({ socketPath: socket });
    const first = await api.call('listFlows', { query: { limit: '7' } });
    expect(first.flows).toHaveLength(7);
    const all = [];
    for await (const flow of api.flows({ limit: 40 })) all.push(flow);
    expect(all.length).toBeGreaterThanOrEqual(100);
    const { client: from, clientPort, destination, destinationPort, protocol, as, identity } = all[50]!;
    const flow = `${from}:${clientPort} > ${destination}:${destinationPort}/${protocol}`;
    const found = await api.call('lookupFlow', { query: { flow } });
    expect(found).toMatchObject({ flow, entry: { as, identity, client: from } });
    // Where its bucket leads now does not matter to an established flow.
    await api.exec([`lb as 90.0.0.0/8 ${as} weight 0`, 'lb as 90.0.0.0/8 10.0.0.9']);
    const explained = await api.call('explain', { query: { flow } });
    expect(explained).toMatchObject({ verdict: 'forward', flowTable: 'hit', as: { address: as }, hash: { identity } });
    const ofAs = await api.call('listFlows', { query: { as, client: `${from}/32`, limit: '1000' } });
    expect(ofAs.flows.map(({ identity: id }) => id)).toContain(identity);
    expect(new Set(ofAs.flows.map((one) => `${one.as} ${one.client}`))).toEqual(new Set([`${as} ${from}`]));
    await api.exec([`lb as 90.0.0.0/8 ${as} weight 100`, 'lb as 90.0.0.0/8 10.0.0.9 del']);
  });

  it('does not let a second daemon have its socket', async () => {
    const second = spawn(process.execPath, [builtProgram(), 'serve', '--socket', socket], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const errors: Buffer[] = [];
    second.stderr!.on('data', (chunk: Buffer) => errors.push(chunk));
    const [status] = await once(second, 'close');
    expect(status).toBe(1);
    expect(Buffer.concat(errors).toString()).toBe(
      `lb serve: another daemon answers on ${socket}; stop it, or give another socket with --socket (LB_DAEMON_SOCKET_LIVE)\n`,
    );
  });

  it('ends in good order, without its socket', async () => {
    program.kill('SIGTERM');
    expect(await once(program, 'close')).toEqual([0, null]);
    expect(existsSync(socket)).toBe(false);
  });
});
