import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { livePrograms } from '../support/live.js';
import { liveDscp, singleAddress } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import { repositoryRoot } from '../support/paths.js';
import type { Running } from '../support/running.js';
import { serverPorts, startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { until } from '../support/until.js';
import { vipAddress } from '../support/vip-types.js';

const program = join(repositoryRoot, 'e2e/support/programs/health-monitor.mjs');

/** RFC 1035 section 4.1: TXT of name.test. The answer holds the name of the server. */
const question =
  '\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x04name\\x04test\\x00\\x00\\x10\\x00\\x01';

describeNeeding(livePrograms, 'health checks through the encapsulation', () => {
  let topology: Topology;
  let monitor: Running;
  let backend: Running;

  beforeEach(async () => {
    topology = await Topology.create({ servers: ['lan'] });
    await startServers(topology.servers);
    [backend] = (await startBackends(topology.servers)) as [Running];
  });
  afterEach(() => topology.close());

  /** VIPs of every encapsulation whose checks go through it, and one whose checks do not. */
  function config(): object {
    const { address } = topology.servers[0]!;
    const lb = topology.lb.address;
    const check = { via: 'encap', interval: 0.3, rise: 2, fall: 2 };
    const http = { ...check, type: 'http', port: serverPorts.http };
    const tcp = { ...check, type: 'tcp', port: serverPorts.http };
    const dns = { ...check, type: 'udp', port: serverPorts.dns, send: question, expect: 's1' };
    const vip = (prefix: string, encap: string, as: string, checked: object, more = {}) => {
      return { prefix, encap, check: checked, ass: [{ address: as }], ...more };
    };
    return {
      ip4SrcAddress: lb[4],
      ip6SrcAddress: lb[6],
      vips: [
        vip(`${vipAddress[4]}/32`, 'gre4', address[4], http),
        vip(`${singleAddress[4]}/32`, 'l3dsr', address[4], dns, { dscp: liveDscp[singleAddress[4]] }),
        vip(`${vipAddress[6]}/128`, 'gre6', address[6], http),
        vip(`${singleAddress[6]}/128`, 'gre4', address[4], tcp),
        vip('90.9.9.9/32', 'gre4', address[4], { ...http, via: 'direct' }),
      ],
    };
  }

  it('reach a server that decapsulates, and find one that does not failing, where direct checks find nothing', async () => {
    monitor = topology.lb.ns.start(process.execPath, program, JSON.stringify(config()));
    await monitor.says(/^ready$/m, 30_000);
    const encapsulated = [vipAddress[4], singleAddress[4], vipAddress[6], singleAddress[6]];
    const turns = (address: string, to: string) =>
      monitor.says(new RegExp(`"prefix":"${address}/.*"to":"${to}","reason":"(.*)"`), 30_000);
    for (const address of [...encapsulated, '90.9.9.9']) await turns(address, 'healthy');
    expect((await turns(singleAddress[4], 'healthy'))[1]).toBe('2 checks in a row passed: expected answer');
    // nginx would wait a minute for the request of a connection whose reset went astray.
    await until('no connection of a check stays', async () => {
      const { ns } = topology.servers[0]!;
      return (await ns.must('ss', '-Htn', 'state', 'established', `sport = :${serverPorts.http}`)) === '';
    });
    await backend.stop();
    for (const address of encapsulated) await turns(address, 'failing');
    expect(monitor.output).not.toMatch(/"90\.9\.9\.9\/32".*failing/);
    expect(monitor.output).not.toContain('no check');

    expect(await monitor.stop()).toEqual({ status: 0, signal: null });
    expect(await topology.lb.ns.must('ip', 'rule', 'show')).not.toContain('sport');
    expect(await topology.lb.ns.must('ip', '-6', 'rule', 'show')).not.toContain('sport');
    expect(await topology.lb.ns.must('ip', 'link', 'show')).not.toContain('lb-health');
  });
});
