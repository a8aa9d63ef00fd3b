import { execFileSync, spawnSync } from 'node:child_process';
import { type FlowView, LbClient } from '@lb/control/client';
import { openCapture } from '@lb/dataplane';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runMain, TestFolder } from '../cli.testkit.js';
import { PcapngBlocks } from '../client/pcapng-blocks.js';
import { ServeProgram } from './program.testkit.js';

const tshark = spawnSync('tshark', ['--version']).status === 0;

const folder = new TestFolder();
const socket = folder.file('lb.sock');
const client = new LbClient({ socketPath: socket });
const nat = '92.0.0.1/32,tcp,80';
let program: ServeProgram;
beforeAll(async () => {
  const config = folder.write(
    'config.lb',
    'lb conf ip4-src-address 192.0.2.1',
    'lb vip 90.0.0.0/8 new_len 64',
    'lb as 90.0.0.0/8 10.0.0.1 10.0.0.2',
    'lb vip 92.0.0.1/32 protocol tcp port 80 encap nat4 target_port 8080',
    'lb as 92.0.0.1/32 protocol tcp port 80 10.0.0.3',
    'lb vip 93.0.0.0/8',
  );
  program = await ServeProgram.start(socket, '--exec', config, '--workers', '2', '--packet-size', '256');
});
afterAll(async () => {
  client.close();
  await program.stop();
  folder.remove();
});

/** A packet as soon as nobody else traces or captures. */
async function firstTrace(): Promise<unknown> {
  for (;;) {
    const answer = await client.trace({ count: 1 }).catch((error: { code: string }) => error.code);
    if (answer !== 'LB_WORKER_TAP_BUSY') return answer;
  }
}

/** All bytes of a capture that ends by itself. */
async function bytesOf(...[what]: Parameters<LbClient['capture']>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await client.capture(what)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a trace of live packets', () => {
  it('has every stage, with the names of the configuration', async () => {
    const { stdout } = await runMain('trace', '-n', '30', '--vip', nat, '--socket', socket);
    const packets = stdout.split('\n\n');
    expect(packets).toHaveLength(30);
    for (const packet of packets) {
      expect(packet).toMatch(
        new RegExp(
          [
            /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z {2}worker [01]/,
            / {2}rx {8}\d+ bytes from queue 0/,
            / {2}parse {5}[\d.]+:\d+ > 92\.0\.0\.1:80\/tcp/,
            / {2}classify {2}VIP 92\.0\.0\.1\/32,tcp,80/,
            / {2}select {4}(known flow 0x[0-9a-f]{16}|new flow 0x[0-9a-f]{16}: bucket \d+), AS 10\.0\.0\.3/,
            / {2}rewrite {3}length unchanged/,
            / {2}verdict {3}forward/,
            / {2}tx {8}\d+ bytes\n?$/,
          ]
            .map(({ source }) => source)
            .join('\\n'),
        ),
      );
    }
  });

  it('has the packets as they came and as they went, and what filters let through', async () => {
    const { records } = await client.trace({ vip: '90.0.0.0/8', as: '10.0.0.2', protocol: 'udp', count: 50 });
    expect(records).toHaveLength(50);
    for (const { vip, as, protocol, source, before, after } of records) {
      expect([vip, as, protocol]).toEqual(['90.0.0.0/8', '10.0.0.2', 'udp']);
      const client = source!.split('.').map(Number);
      expect([...Buffer.from(before!.hex, 'hex').subarray(26, 30)]).toEqual(client);
      // Behind Ethernet, outer IPv4 header and GRE header.
      expect([...Buffer.from(after!.hex, 'hex').subarray(50, 54)]).toEqual(client);
      expect(after!.length).toBe(before!.length + 24);
    }
    const { source } = records[0]!;
    const ofClient = await client.trace({ client: source!, count: 5, snapBytes: 64 });
    expect(ofClient.records.map((record) => [record.source, record.before!.hex.length])).toEqual(
      Array(5).fill([source, 128]),
    );
  });

  it('of packets that end in vain says why', async () => {
    const { records } = await client.trace({ verdict: 'drop', reason: 'no-server', count: 2 });
    expect(records.map(({ text }) => text.split('\n').slice(3))).toEqual(
      Array(2).fill([
        '  classify  VIP 93.0.0.0/8',
        expect.stringMatching(/^ {2}select {4}no server/),
        '  verdict   drop, no-server',
        '',
      ]),
    );
  });

  it('of which there are none ends with its time', async () => {
    expect(await client.trace({ client: '8.8.8.8', seconds: 0.1 })).toEqual({ records: [], missed: 0 });
  });
});

describe('a capture of live packets', () => {
  it.skipIf(!tshark)(`is read by tshark${tshark ? '' : ' (skipped: no tshark here)'}`, async () => {
    const path = folder.file('tshark.pcapng');
    const words = ['--vip', '90.0.0.0/8', '--protocol', 'udp', '--count', '40', '--out', path, '--socket', socket];
    expect((await runMain('capture', ...words)).stdout).toContain(': 40 packets received, 40 sent, ');
    const fields = ['frame.interface_name', 'frame.comment', 'frame.protocols', 'ip.dst', 'ip.checksum.status'];
    const options = ['-n', '-o', 'ip.check_checksum:TRUE', '-T', 'fields', ...fields.flatMap((each) => ['-e', each])];
    const text = execFileSync('tshark', ['-r', path, ...options], { encoding: 'utf8', stdio: 'pipe' });
    const rows = text.trimEnd().split('\n');
    const rowOf = ['received\t', 'sent\t'].map((name) => rows.filter((row) => row.startsWith(name)));
    expect(rowOf.map(({ length }) => length)).toEqual([40, 40]);
    const comment = 'forward; VIP 90\\.0\\.0\\.0/8; AS (10\\.0\\.0\\.[12]); (known|new) flow;[^\\t]*; worker [01]';
    const inner = '90\\.\\d+\\.\\d+\\.\\d+';
    for (const row of rowOf[0]!)
      expect(row).toMatch(new RegExp(`^received\\t${comment}\\t[^\\t]*:udp[^\\t]*\\t${inner}\\t1$`));
    for (const row of rowOf[1]!) {
      expect(row).toMatch(new RegExp(`^sent\\t${comment}\\t[^\\t]*:ip:gre:ip:udp[^\\t]*\\t\\1,${inner}\\t1,1$`));
    }
  });

  it('ends with its packets, its bytes or its time, and the next can begin', async () => {
    const path = folder.file('count.pcapng');
    const { stdout } = await runMain(
      'capture',
      '--count',
      '25',
      '--verdict',
      'forward',
      '--side',
      'sent',
      '--out',
      path,
      '--socket',
      socket,
    );
    expect(stdout).toContain(': 0 packets received, 25 sent, ');
    const reader = openCapture(path);
    let packets = 0;
    while (reader.next()) packets++;
    reader.close();
    expect(packets).toBe(25);
    const { length } = await bytesOf({ bytes: 20_000 });
    expect(length).toBeGreaterThanOrEqual(20_000);
    expect(length).toBeLessThan(25_000);
    // The section and the descriptions of the two interfaces.
    expect((await bytesOf({ client: '8.8.8.8', seconds: 0.1 })).length).toBe(112);
  });

  it('is the only one, until its client leaves', async () => {
    const end = new AbortController();
    const capture = await client.capture({ client: '8.8.8.8' }, { signal: end.signal });
    const { status, stderr } = await runMain('capture', '--out', folder.file('second.pcapng'), '--socket', socket);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^lb capture: packets are being captured or traced already; .*\(LB_WORKER_TAP_BUSY\)\n$/);
    end.abort();
    for await (const _ of capture);
    // It is long before its minute is over.
    expect(await firstTrace()).toMatchObject({ records: [{}] });
  });

  it('of a VIP ends when another takes its place', async () => {
    const capture = await client.capture({ vip: '93.0.0.0/8', count: 10_000_000, seconds: 3600 });
    const whole = (async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of capture) chunks.push(chunk);
      return Buffer.concat(chunks).toString('latin1');
    })();
    await client.exec(['lb vip 93.0.0.0/8 del']);
    await client.exec(['lb vip 94.0.0.0/8']);
    expect(await whole).not.toContain('94.0.0.0/8');
    await client.exec(['lb vip 94.0.0.0/8 del', 'lb vip 93.0.0.0/8']);
  });

  it('of a client that does not read ends in time, and leaves out what finds no room', async () => {
    const capture = await client.capture({ count: 1_000_000, seconds: 2 });
    expect(await firstTrace()).toMatchObject({ records: [{}] });
    const blocks = new PcapngBlocks();
    for await (const chunk of capture) blocks.add(chunk);
    const [received, sent] = blocks.packets;
    expect(received).toBeGreaterThan(sent);
    expect(capture.missed).toBeGreaterThan(0);
  });
});

async function listed(): Promise<FlowView[]> {
  const flows: FlowView[] = [];
  for await (const flow of client.flows({ vip: { prefix: '90.0.0.0/8' }, limit: 1000 })) flows.push(flow);
  return flows;
}

it('flows by bucket and by age are those of the flow tables', async () => {
  // Generated traffic is of the same flows for ever; all of them are there when each has had its first packet.
  let flows = await listed();
  let { buckets, ...totals } = await client.flowBuckets({ prefix: '90.0.0.0/8' });
  while (totals.flows === 0 || totals.flows !== flows.length) {
    flows = await listed();
    ({ buckets, ...totals } = await client.flowBuckets({ prefix: '90.0.0.0/8' }));
  }
  expect([...buckets]).toEqual(Array.from({ length: 64 }, (_, b) => flows.filter(({ bucket }) => bucket === b).length));
  expect(totals).toMatchObject({ unknownBucket: 0, unknownAge: 0 });
  expect(totals.ages.map(({ belowSec }) => belowSec)).toEqual([1, 10, 60, 600, 3600, 86_400, null]);
  expect(totals.ages.reduce((sum, { flows: count }) => sum + count, 0)).toBe(totals.flows);
});
