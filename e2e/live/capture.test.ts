import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { Daemon } from '../support/daemon.js';
import { url, whoAnswers } from '../support/http.js';
import { livePrograms } from '../support/live.js';
import { liveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import { run } from '../support/run.js';
import { serverPorts, startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { decode, type Frame } from '../support/tshark.js';
import { vipAddress, vipTypes } from '../support/vip-types.js';

const vip = vipAddress[4];

/** A packet of a capture, as received and as sent, and what the comments say. */
interface Pair {
  readonly received: Frame;
  readonly sent: Frame;
  readonly comment: string;
}

describeNeeding(livePrograms, 'a capture of live traffic (AF_XDP)', () => {
  let topology: Topology;
  let daemon: Daemon | undefined;
  beforeAll(async () => {
    topology = await Topology.create();
    await startServers(topology.servers);
    await startBackends(topology.servers);
  });
  afterEach(() => daemon?.stop());
  afterAll(() => topology.close());

  async function serve(name: 'ip4-gre4' | 'ip4-nat4'): Promise<void> {
    const type = vipTypes.find((each) => each.name === name)!;
    const vips = liveVips(type, topology.lb, topology.servers);
    await topology.setGateway(type.method === 'nat' ? 'lb' : 'router');
    daemon = await Daemon.start(topology.lb.ns, { kind: 'af_xdp', config: vips.config, workers: 1 });
  }

  /** Has the client ask the VIP until a command ends. */
  async function whileAsked(...words: readonly string[]): Promise<string> {
    let over = false;
    const output = daemon!.command(...words).finally(() => {
      over = true;
    });
    while (!over) await whoAnswers(topology.client.ns, url(vip));
    return output;
  }

  async function captured(id: string, packets: number): Promise<Pair[]> {
    const path = join(topology.lb.ns.folder, `${packets}.pcapng`);
    const output = await whileAsked('capture', '--vip', id, '--count', `${packets}`, '--out', path);
    expect(output).toContain(`: ${packets} packets received, ${packets} sent, `);
    const frames = await decode(path);
    for (const { problems } of frames) expect(problems).toEqual([]);
    const fields = ['-T', 'fields', '-e', 'frame.interface_name', '-e', 'frame.comment'];
    const { stdout } = await run('tshark', ['-r', path, ...fields]);
    const rows = stdout.trimEnd().split('\n');
    const comments = rows.map((row) => row.split('\t')[1]!);
    expect(rows.map((row) => row.split('\t')[0])).toEqual(frames.map((_, i) => (i % 2 === 0 ? 'received' : 'sent')));
    expect(comments.filter((_, i) => i % 2 === 0)).toEqual(comments.filter((_, i) => i % 2 === 1));
    return Array.from({ length: packets }, (_, i) => {
      return { received: frames[i * 2]!, sent: frames[i * 2 + 1]!, comment: comments[i * 2]! };
    });
  }

  const serverAddresses = () => topology.servers.map(({ address }) => address[4]);

  it('has packets to servers behind GRE, and what GRE makes of them', async () => {
    await serve('ip4-gre4');
    const client = topology.client.address[4];
    for (const { received, sent, comment } of await captured('90.0.0.0/8', 12)) {
      expect(received.ip).toMatchObject([{ src: client, dst: vip }]);
      expect(sent.protocols).toContain('gre');
      const [outer, inner] = sent.ip;
      expect(serverAddresses()).toContain(outer!.dst);
      expect([outer!.src, inner]).toEqual([topology.lb.address[4], received.ip[0]]);
      expect([sent.ports, sent.payload]).toEqual([received.ports, received.payload]);
      expect(comment).toMatch(/^forward; VIP 90\.0\.0\.0\/8; AS ([\d.]+); (known|new) flow; .*worker 0$/);
      expect(comment).toContain(`; AS ${outer!.dst}; `);
    }
  });

  it('has both ways of NAT, translated and with right checksums', async () => {
    await serve('ip4-nat4');
    const client = topology.client.address[4];
    const pairs = await captured(`${vip}/32,tcp,80`, 24);
    const [to, from] = [true, false].map((forth) =>
      pairs.filter(({ received }) => (received.ip[0]!.src === client) === forth),
    );
    expect([to!.length > 0, from!.length > 0]).toEqual([true, true]);
    for (const { received, sent, comment } of to!) {
      const { src: port } = received.ports!;
      expect(received).toMatchObject({ ip: [{ src: client, dst: vip }], ports: { src: port, dst: 80 } });
      expect(sent).toMatchObject({ ip: [{ src: client }], ports: { src: port, dst: serverPorts.httpTarget } });
      expect(serverAddresses()).toContain(sent.ip[0]!.dst);
      expect(comment).toContain(`; AS ${sent.ip[0]!.dst}; `);
    }
    for (const { received, sent } of from!) {
      const { dst: port } = received.ports!;
      expect(serverAddresses()).toContain(received.ip[0]!.src);
      expect(received).toMatchObject({ ip: [{ dst: client }], ports: { src: serverPorts.httpTarget, dst: port } });
      expect(sent).toMatchObject({ ip: [{ src: vip, dst: client }], ports: { src: 80, dst: port } });
    }
    for (const { received, sent } of pairs) expect(sent.payload).toBe(received.payload);
  });

  it('a trace names the interface that packets come and go by', async () => {
    await serve('ip4-gre4');
    const client = topology.client.address[4];
    const text = await whileAsked('trace', '-n', '4', '--client', client, '--port', '80');
    const packets = text.split('\n\n');
    expect(packets).toHaveLength(4);
    for (const packet of packets) {
      expect(packet).toMatch(/^ {2}rx {8}\d+ bytes from eth0 \(queue 0\)$/m);
      expect(packet).toMatch(/^ {2}verdict {3}forward$/m);
      expect(packet).toMatch(/^ {2}tx {8}\d+ bytes to eth0 \(queue 0\)$/m);
    }
  });
});
