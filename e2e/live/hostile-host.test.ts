import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { Daemon, type DaemonOptions, type Rights } from '../support/daemon.js';
import { removeFlowTables } from '../support/flow-folder.js';
import { healthBecomes } from '../support/health.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none } from '../support/live.js';
import { type LiveVips, liveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import { repositoryRoot } from '../support/paths.js';
import { refusal } from '../support/refused.js';
import { run } from '../support/run.js';
import { type Server, serverPorts, startNginx, startServers } from '../support/servers.js';
import { Surroundings, type SurroundingsOptions } from '../support/surroundings.js';
import { Topology } from '../support/topology.js';
import { UnitRights } from '../support/unit-rights.js';
import { until } from '../support/until.js';
import { vipTypes } from '../support/vip-types.js';

const waitMs = 30_000;
const DAY_MS = 86_400_000;
const xdp = ['--interface', 'eth0=af_xdp'];

describeNeeding([...livePrograms, 'python3', 'prlimit'], 'a host that is short of something', () => {
  let topology: Topology;
  let servers: Server[];
  let daemon: Daemon | undefined;
  let rights: (Rights & { remove(): void }) | undefined;
  let state = '';
  let vips: LiveVips;
  const type = vipTypes.find(({ name }) => name === 'ip4-gre4')!;
  beforeAll(async () => {
    topology = await Topology.create();
    servers = await startServers(topology.servers);
    await startBackends(topology.servers);
    vips = liveVips(type, topology.lb, topology.servers);
  });
  afterEach(async () => {
    await daemon?.stop();
    daemon = undefined;
    rights?.remove();
    rights = undefined;
    if (state !== '') removeFlowTables(state);
    state = '';
  });
  afterAll(() => topology.close());

  const load = (connections = 30) =>
    HttpLoad.start(topology.client.ns, { host: vips.address, port: vips.http, connections, timeoutMs: waitMs });
  const newState = () => {
    state = join(mkdtempSync(join(topology.folder, 'state-')), 'lb');
    return state;
  };

  async function start(options: Partial<DaemonOptions> = {}, surroundings?: SurroundingsOptions): Promise<Daemon> {
    if (surroundings !== undefined) rights = new Surroundings(surroundings);
    daemon = await Daemon.start(topology.lb.ns, {
      kind: 'af_packet',
      config: vips.config,
      ...(rights && { rights }),
      ...options,
    });
    return daemon;
  }

  /** Traffic through it is well, and none of it is lost. */
  async function expectServing(): Promise<void> {
    expect(await (await load()).finish()).toMatchObject({ connections: 30, moved: 0, failures: none });
    expect(await daemon!.lost()).toEqual({ dropped: {}, unsent: 0 });
  }

  it('a clock that is set by a day, forward and back, cuts nothing and holds nothing up', async () => {
    const file = join(topology.folder, 'clock');
    const checked = '192.0.2.77/32';
    const [first, second, , fourth] = topology.servers.map(({ address }) => address[4]);
    const vip = vips.httpVip.join(' ');
    await start(
      {
        config: [
          ...vips.config,
          `lb as ${vip} ${fourth} del`,
          `lb vip ${checked} encap gre4`,
          `lb as ${checked} ${fourth}`,
        ],
        state: newState(),
      },
      {
        before: ['env', `LB_TEST_CLOCK=${file}`],
        node: ['--import', join(repositoryRoot, 'e2e/support/programs/settable-clock.mjs')],
      },
    );
    const check = { type: 'http', port: serverPorts.http, interval: 0.3, timeout: 0.3, rise: 1, fall: 1 };
    await daemon!.ask('PATCH', `/v1/vips/${encodeURIComponent(checked)}`, { check });
    await healthBecomes(daemon!, { [fourth!]: 'healthy' });
    const connections = await load();
    await daemon!.exec(`lb as ${vip} ${first} drain deadline 3600`);

    for (const [aheadMs, words] of [
      [DAY_MS, 'forward by 86400 s'],
      [-DAY_MS, 'back by 172800 s'],
    ] as const) {
      writeFileSync(file, `${aheadMs}`);
      process.kill(daemon!.pid, 'SIGUSR2');
      await daemon!.said(new RegExp(`clock of this machine was set ${words}`), waitMs);
      await daemon!.exec(`lb as ${vip} ${second} weight ${aheadMs > 0 ? 50 : 60}`);
      await servers[3]!.nginx.stop('SIGKILL');
      await healthBecomes(daemon!, { [fourth!]: 'failing' });
      servers[3] = {
        ...servers[3]!,
        nginx: await startNginx(servers[3]!.ns, [serverPorts.http, serverPorts.httpTarget]),
      };
      await healthBecomes(daemon!, { [fourth!]: 'healthy' });
    }

    expect(await connections.finish()).toMatchObject({ connections: 30, moved: 0, failures: none });
    const { events } = await daemon!.ask<{ events: { id: number; type: string; what?: string; code?: string }[] }>(
      'GET',
      '/v1/events?limit=1000',
    );
    const ids = events.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(events.filter(({ type }) => type === 'drain').map(({ what }) => what)).not.toContain('deadline');
    expect(events.filter(({ code }) => code === 'LB_LIVE_WARN_CLOCK')).toHaveLength(2);
    const { revisions } = await daemon!.ask<{ revisions: { number: number; time: string }[] }>('GET', '/v1/revisions');
    const times = revisions.map(({ time }) => time).reverse();
    expect(times).toEqual([...times].sort());
    const { uptimeSec } = await daemon!.ask<{ uptimeSec: number }>('GET', '/v1/status');
    expect(uptimeSec).toBeGreaterThan(0);
    expect(uptimeSec).toBeLessThan(DAY_MS / 2000);
  });

  it('without the right to load programs: af_xdp is refused, and without a kind af_packet serves', async () => {
    rights = new UnitRights([], ['bpf', 'perfmon']);
    expect(await refusal(topology.lb.ns, xdp, rights)).toMatch(/[(]LB_NATIVE_PERMISSION[)]$/);
    daemon = await Daemon.start(topology.lb.ns, { config: vips.config, rights });
    expect(daemon.output).toMatch(
      /LB_LIVE_WARN_KIND.*eth0 is served by af_packet, as af_xdp does not work on it: .*CAP_BPF/,
    );
    await expectServing();
  });

  it('over the limit of locked memory: af_xdp is refused, and without a kind af_packet serves', async () => {
    rights = new UnitRights(['prlimit', '--memlock=65536'], ['ipc_lock']);
    const said = await refusal(topology.lb.ns, xdp, rights);
    expect(said).toMatch(/RLIMIT_MEMLOCK.*[(]LB_NATIVE_MEMORY[)]$/);
    daemon = await Daemon.start(topology.lb.ns, { config: vips.config, rights });
    expect(daemon.output).toMatch(/LB_LIVE_WARN_KIND.*RLIMIT_MEMLOCK/);
    await expectServing();
  });

  it('where the program ip cannot be run: refused with its name', async () => {
    // Nobody may run what is in its place.
    rights = new Surroundings({ prepare: 'mount --bind /dev/null "$(readlink -f "$(command -v ip)")"' });
    expect(await refusal(topology.lb.ns, xdp, rights)).toMatch(/cannot run 'ip': .*[(]LB_NET_IPROUTE2[)]$/);
  });

  it('without room in /dev/shm: serves with tables of its own, and says so', async () => {
    await start({ state: newState() }, { prepare: 'mount -t tmpfs -o size=64k none /dev/shm' });
    // The real one has nothing of it.
    state = '';
    expect(daemon!.output).toMatch(/LB_LIVE_WARN_FLOWS.*No space left/);
    await expectServing();
  });

  it('without huge pages: serves, and says so', async () => {
    const PR_SET_THP_DISABLE = 41;
    const program = `import ctypes, os, sys; ctypes.CDLL(None).prctl(${PR_SET_THP_DISABLE}, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])`;
    await start({}, { before: ['python3', '-c', program] });
    expect(daemon!.output).toMatch(/LB_LIVE_WARN_PAGES/);
    await expectServing();
  });

  it('without file descriptors: traffic goes on, no server counts as failing, and all is well afterwards', async () => {
    await start({ state: newState() });
    const id = encodeURIComponent(vips.httpVip[0]!);
    const check = { type: 'http', port: serverPorts.http, interval: 0.3, timeout: 0.3, rise: 1, fall: 1 };
    await daemon!.ask('PATCH', `/v1/vips/${id}`, { check });
    const all = Object.fromEntries(topology.servers.map(({ address }) => [address[4], 'healthy'] as const));
    await healthBecomes(daemon!, all);
    const before = await daemon!.ask<{ timeout: number }>('GET', '/v1/config');
    const connections = await load();
    const limit = async (words: string) => {
      const { status, stderr } = await run('prlimit', [`--pid=${daemon!.pid}`, `--nofile=${words}`]);
      expect([status, stderr]).toEqual([0, '']);
    };
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync(`/proc/${daemon!.pid}/limits`, 'utf8'))!;
    await limit('16:');
    await daemon!.said(/LB_LIVE_WARN_CHECK.*too many open files/, waitMs);
    // Whether it is refused or waits is for the system to say; half of it there is not.
    const asked = Promise.allSettled([daemon!.exec('lb conf timeout 77')]);
    // The network changes in the meantime.
    await topology.lb.ns.ip('addr add 10.99.99.99/32 dev lo');
    await daemon!.said(/LB_NET_/, waitMs);
    await limit(`${soft}:`);
    await until('the daemon answers', async () => (await daemon!.ask('GET', '/v1/status')) !== undefined, waitMs);
    const [{ status }] = await asked;
    const timeout = status === 'fulfilled' ? 77 : before.timeout;
    expect(await daemon!.ask('GET', '/v1/config')).toEqual({ ...before, timeout });
    await healthBecomes(daemon!, all);
    const { events } = await daemon!.ask<{ events: { type: string; to?: string }[] }>('GET', '/v1/events?limit=1000');
    expect(events.filter(({ type, to }) => type === 'health' && to === 'failing')).toEqual([]);
    expect(await connections.finish()).toMatchObject({ connections: 30, moved: 0, failures: none });
    await daemon!.exec('lb conf timeout 88');
    await expectServing();
    await topology.lb.ns.ip('addr del 10.99.99.99/32 dev lo');
  });

  describe('a state folder that is read-only', () => {
    const readOnly = () => ({ prepare: `mount --bind "${state}" "${state}"; mount -o remount,bind,ro "${state}"` });

    it('is not begun in', async () => {
      mkdirSync(newState(), { mode: 0o700 });
      const folder = state;
      rights = new Surroundings(readOnly());
      state = '';
      const said = await refusal(topology.lb.ns, ['--interface', 'eth0=af_packet', '--state', folder], rights);
      expect(said).toMatch(/read-only.*[(]LB_STATE_DISK[)]$/);
      expect(readdirSync(folder)).toEqual([]);
    });

    it('is served as it is, and a change is refused', async () => {
      await start({ state: newState() });
      await daemon!.exec('lb conf timeout 55');
      const before = await daemon!.ask('GET', '/v1/config');
      await daemon!.stop();
      await start({ state }, readOnly());
      expect(await daemon!.ask('GET', '/v1/config')).toEqual(before);
      await expect(daemon!.exec('lb conf timeout 77')).rejects.toThrow(/LB_STATE_DISK.*read-only/);
      expect(await daemon!.ask('GET', '/v1/config')).toEqual(before);
      await expectServing();
    });
  });
});
