import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Daemon, queueKinds } from '../support/daemon.js';
import { healthBecomes } from '../support/health.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none, serverNames } from '../support/live.js';
import { createLiveTopology, vipsOfType } from '../support/live-topology.js';
import type { LiveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import { type Server, serverPorts, startNginx } from '../support/servers.js';
import type { Topology } from '../support/topology.js';
import { vipTypes } from '../support/vip-types.js';

const check = { type: 'http', interval: 0.3, timeout: 0.3, rise: 2, fall: 2, jitter: 0.1 };

describeNeeding(livePrograms, 'a server that dies and returns', () => {
  let topology: Topology;
  let servers: Server[];
  let daemon: Daemon | undefined;
  beforeAll(async () => {
    ({ topology, servers } = await createLiveTopology());
  });
  afterEach(() => daemon?.stop());
  afterAll(() => topology.close());

  describe.each(queueKinds)('through %s', (kind) => {
    describe.each(vipTypes.filter(({ name }) => ['ip4-gre4', 'ip6-nat6'].includes(name)))('$name', (type) => {
      let vips: LiveVips;
      let addresses: string[];
      beforeEach(async () => {
        vips = await vipsOfType(topology, type);
        addresses = topology.servers.map(({ address }) => address[type.as]);
        daemon = await Daemon.start(topology.lb.ns, { kind, config: vips.config });
        const [prefix, , protocol, , port] = vips.httpVip;
        const id = protocol === undefined ? prefix! : `${prefix},${protocol},${port}`;
        await daemon.ask('PATCH', `/v1/vips/${encodeURIComponent(id)}`, {
          // The port of a translated VIP is known; of one with all ports it is not.
          check: type.method === 'nat' ? check : { ...check, port: serverPorts.http },
        });
        await healthBecomes(daemon, Object.fromEntries(addresses.map((address) => [address, 'healthy'])));
      });

      it('gets no new connection once that is found out; the connections of the others go on', async () => {
        const target = { host: vips.address, port: vips.http };
        const established = await HttpLoad.start(topology.client.ns, { ...target, connections: 60 });
        await servers[1]!.nginx.stop('SIGKILL');
        await healthBecomes(daemon!, { [addresses[1]!]: 'failing', [addresses[0]!]: 'healthy' });

        const late = await HttpLoad.start(topology.client.ns, { ...target, connections: 60 });
        const { connections, failures, servers: used } = await late.finish();
        expect({ connections, failures }).toEqual({ connections: 60, failures: {} });
        expect(Object.keys(used).sort()).toEqual(serverNames.filter((name) => name !== 's2'));

        servers[1] = { ...servers[1]!, nginx: await startNginx(topology.servers[1]!.ns, nginxPorts) };
        await healthBecomes(daemon!, { [addresses[1]!]: 'healthy' });
        const again = await (await HttpLoad.start(topology.client.ns, { ...target, connections: 100 })).finish();
        expect(again).toMatchObject({ connections: 100, moved: 0, failures: none });
        expect(Object.keys(again.servers).sort()).toEqual(serverNames);

        // What broke is what was on the dead server, and what was opened before it was found out.
        const { moved, failures: broken, servers: first } = await established.finish();
        expect(moved).toBe(0);
        const lost = Object.entries(broken).filter(([reason]) => !reason.startsWith('connect: '));
        expect(lost.reduce((sum, [, count]) => sum + count, 0)).toBeLessThanOrEqual(first.s2!);
      });
    });
  });
});

const nginxPorts = [serverPorts.http, serverPorts.httpTarget];
