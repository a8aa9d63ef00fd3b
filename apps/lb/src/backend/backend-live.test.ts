import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { builtProgram } from '../cli.testkit.js';
import { type Background, LiveNetwork, SERVER, unmetNeeds } from './live.testkit.js';

const needs = unmetNeeds();
const why = needs.length === 0 ? '' : ` (skipped: ${needs.join(', ')})`;
const RULES = {
  '90.1.2.1': 'gre4=90.1.2.1/32',
  '90.1.2.2': 'gre6=90.1.2.2/32',
  '2004::1': 'gre4=2004::1/128',
  '2004::2': 'gre6=2004::2/128',
  '90.5.6.7': 'gre4=90.5.0.0/16',
  '2004:5::7': 'gre6=2004:5::/32',
  '90.0.0.7': 'l3dsr-3=90.0.0.7/32',
};
const VIPS = ['90.1.2.1', '90.1.2.2', '2004::1', '2004::2', '90.5.0.0/16', '2004:5::/32'];
const ADDRESSES = Object.keys(RULES);
/** What the client must never see of the server: its kernel's own opinion, and a claim to a VIP. */
const WATCH = `
table inet watch {
  counter unreachable {}
  counter resets {}
  chain prerouting {
    type filter hook prerouting priority raw;
    icmp type destination-unreachable counter name unreachable
    icmpv6 type { destination-unreachable, parameter-problem } counter name unreachable
    iifname "c0" tcp flags & rst == rst counter name resets
  }
}
table arp watch {
  counter asked {}
  counter claimed {}
  chain input {
    type filter hook input priority filter;
    arp operation request arp saddr ip ${SERVER[4]} counter name asked
    arp saddr ip 90.0.0.0/8 counter name claimed
  }
}`;

describe.skipIf(needs.length > 0)(`lb backend with nginx${why}`, { timeout: 60_000 }, () => {
  let net: LiveNetwork;
  let backend: Background | undefined;

  beforeAll(async () => {
    net = new LiveNetwork();
    net.run(net.client, 'nft', WATCH);
    await net.startBalancer(...Object.values(RULES));
  }, 60_000);
  afterAll(() => net?.close());
  afterEach(async () => {
    if (backend !== undefined && !backend.ended) await backend.stop('SIGKILL');
  });

  function launch(...words: readonly string[]): Background {
    backend = net.start(net.server, process.execPath, builtProgram(), 'backend', ...words);
    return backend;
  }

  async function startBackend(...words: readonly string[]): Promise<Background> {
    const started = launch('--vip', ...VIPS, '--dscp', '3=90.0.0.7', ...words);
    await started.says(/lb backend: ready/);
    return started;
  }

  const counters = (): Record<string, number> => {
    const text = net.run(net.client, 'nft', 'list', 'counters');
    return Object.fromEntries(
      [...text.matchAll(/counter (\w+) {\s*packets (\d+)/g)].map(([, name, count]) => [name, Number(count)]),
    );
  };
  const tables = (): string => net.run(net.server, 'nft', 'list', 'tables');
  const arpAnnounce = (): string => net.run(net.server, 'sysctl', '-n', 'net.ipv4.conf.all.arp_announce').trim();
  const interfaces = (): string[] =>
    (JSON.parse(net.run(net.server, 'ip', '-j', 'link', 'show')) as { ifname: string }[]).map(({ ifname }) => ifname);

  /** Every VIP answers, and fragmented packets get through as well. */
  function expectService(): void {
    expect(ADDRESSES.map((address) => net.get(address))).toEqual(ADDRESSES);
    for (const address of ['90.1.2.1', '2004::2', '90.0.0.7']) {
      expect(net.run(net.client, 'ping', '-c', '1', '-W', '5', '-s', '3000', address)).toContain(' 0% packet loss');
    }
    expect(net.get(SERVER[4])).toBe(SERVER[4]);
    expect(net.get(SERVER[6])).toBe(SERVER[6]);
  }

  it('gives nginx the connections of every VIP, and leaves nothing behind', async () => {
    const before = [tables(), interfaces(), arpAnnounce()];
    const running = await startBackend('--interface', 's0');
    expect(running.output).toContain(`s0 (af_packet) at ${SERVER[4]}, ${SERVER[6]} to lb-backend, 7 VIPs`);
    // The server has to ask for the client's address when it answers in the name of a VIP, the client not for the server's.
    net.get(SERVER[4]);
    net.batch(net.server, 'neigh flush dev s0');
    expectService();
    expect(counters()).toMatchObject({ unreachable: 0, resets: 0, claimed: 0 });
    expect(counters().asked).toBeGreaterThan(0);
    process.kill(running.pid, 'SIGUSR1');
    await running.says(/packets to the host [(]gre4 [1-9]\d*, gre6 [1-9]\d*, l3dsr [1-9]\d*[)].*, 0 dropped/);
    expect(await running.stop('SIGTERM')).toMatch(/^lb backend: 00:00:\d\d: .* 0 dropped$/);
    expect([tables(), interfaces(), arpAnnounce()]).toEqual(before);
  });

  it('serves by AF_XDP, the rest of the host too', async () => {
    const running = await startBackend('--interface', 's0=af_xdp');
    expectService();
    expect(counters()).toMatchObject({ unreachable: 0, resets: 0, claimed: 0 });
    expect(await running.stop('SIGINT')).toMatch(/ 0 dropped$/);
    expect(net.get(SERVER[4])).toBe(SERVER[4]);
    expect(interfaces()).toEqual(['lo', 's0']);
  });

  it('is alone, and takes over from one that was killed', async () => {
    const announce = arpAnnounce();
    const first = await startBackend('--interface', 's0');
    await launch('--interface', 's0', '--vip', '90.9.9.9', '--tap', 'second').says(
      /another lb backend runs here, with the interface lb-backend.*LB_BACKEND_RUNNING/,
    );
    expect(net.get('90.1.2.1')).toBe('90.1.2.1');
    await first.stop('SIGKILL');
    expect(tables()).toContain('lb_backend');
    const second = await startBackend(
      '--interface',
      's0',
      '--tap',
      'second',
      '--mss',
      '1400',
      '--from',
      '0.0.0.0/0',
      '::/0',
    );
    expect(net.get('90.1.2.1')).toBe('90.1.2.1');
    expect(net.get('2004::2')).toBe('2004::2');
    await second.stop('SIGTERM');
    expect([tables().includes('lb_backend'), arpAnnounce()]).toEqual([false, announce]);
  });

  it('answers no ARP for a VIP, though it has the address', async () => {
    await startBackend('--interface', 's0');
    // Told to use c0, the client takes the VIP for a neighbour.
    expect(() => net.run(net.client, 'ping', '-c', '1', '-W', '1', '-I', 'c0', '90.1.2.1')).toThrow(/100% packet loss/);
    expect(net.run(net.client, 'ip', 'neigh', 'show', '90.1.2.1', 'dev', 'c0')).not.toContain('lladdr');
    expect(net.run(net.server, 'nft', 'list', 'table', 'arp', 'lb_backend')).toMatch(/counter packets [1-9]/);
  });

  it('follows the addresses of its interface, and sees it go', async () => {
    const running = await startBackend('--interface', 's0', '--json');
    const line = () => running.says(/"gre4":[1-9].*\n/, running.output.length);
    net.get('90.1.2.1');
    await line();
    net.batch(net.server, 'address add 198.51.100.2/24 dev s0');
    // Looks once a second, before it reports.
    await running.says(/\n{.*}\n{.*}\n/, running.output.length);
    expect(net.run(net.server, 'nft', 'list', 'set', 'inet', 'lb_backend', 'local4')).toContain('198.51.100.2');
    net.batch(net.server, 'address del 198.51.100.2/24 dev s0');
    net.batch(net.server, 'link set s0 name gone');
    try {
      await running.says(/the interface s0 is gone [(]LB_BACKEND_INTERFACE[)]/);
    } finally {
      net.batch(net.server, 'link set gone name s0');
    }
  });
});
