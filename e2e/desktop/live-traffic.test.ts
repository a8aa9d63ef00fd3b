import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { type Authority, makeAuthority } from '../support/authority.js';
import { Daemon } from '../support/daemon.js';
import type { DesktopApp } from '../support/electron-app.js';
import type { Locator } from '../support/electron-driver.js';
import { describeDesktop } from '../support/electron-needs.js';
import { removeFlowTables } from '../support/flow-folder.js';
import { curl, url } from '../support/http.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none } from '../support/live.js';
import { type LiveVips, liveVips } from '../support/live-vips.js';
import { startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { until } from '../support/until.js';
import { vipTypes } from '../support/vip-types.js';
import { WayIn } from '../support/way-in.js';

const API_PORT = 8443;
const type = vipTypes.find(({ name }) => name === 'ip4-nat4')!;

await describeDesktop(
  'desktop app, a daemon with real traffic',
  (desktop) => {
    let topology: Topology;
    let vips: LiveVips;
    let authority: Authority;
    let wayIn: WayIn;
    let token: string;
    /** Name and address of the server that is drained. */
    const drained = { name: 's2', address: '' };

    beforeAll(async () => {
      authority = await makeAuthority(desktop.folder);
      topology = await Topology.create({ servers: ['lan', 'lan'] });
      desktop.later(() => topology.close());
      await Promise.all([startServers(topology.servers), topology.setGateway('lb')]);
      vips = liveVips(type, topology.lb, topology.servers);
      drained.address = topology.servers[1]!.address[4];
      const { lb } = topology;
      const state = join(desktop.folder, 'state');
      const daemon = await Daemon.start(lb.ns, {
        kind: 'af_packet',
        config: [...vips.config, 'lb conf timeout 8'],
        listen: { address: `${lb.address[4]}:${API_PORT}`, ...authority },
        state,
      });
      desktop.later(() => removeFlowTables(state));
      desktop.later(() => daemon.stop());
      wayIn = await WayIn.start(lb.ns, lb.address[4], API_PORT);
      desktop.later(() => wayIn.stop());
      token = /lbt_\S+/.exec(await daemon.command('token', 'create', 'desktop', '--role', 'admin'))![0];
      await desktop.startApp();
    });

    const load = (connections: number) =>
      HttpLoad.start(topology.client.ns, { host: vips.address, port: vips.http, connections, intervalMs: 50 });

    it('connects by token over TLS, once it is told whose certificates to trust', async () => {
      const { page } = desktop;
      const address = `https://127.0.0.1:${wayIn.port}`;
      const dialog = await desktop.user.fillDaemon('TCP with token', { Name: 'edge', Address: address, Token: token });
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      expect((await desktop.user.reaches('edge', 'retrying')).error).toMatch(/certificate .* is not trusted/);
      await page.getByRole('button', { name: 'Edit edge' }).click();
      const edit = page.getByRole('dialog', { name: 'Edit a daemon' });
      await edit.getByLabel('Certificate authority').fill(authority.ca);
      await edit.getByRole('button', { name: 'Save' }).click();
      await edit.waitFor({ state: 'detached' });
      expect((await desktop.user.reaches('edge', 'connected')).error).toContain(
        'the token is forgotten when the app ends',
      );
      await page
        .getByRole('banner')
        .getByText(/^data [\d.]+ s old$/)
        .waitFor();
    });

    it('shows the flow of a connection by its five-tuple, on the server that answered', async () => {
      const { page } = desktop;
      const client = topology.client.address[4];
      const port = '40123';
      const answered = (await curl(topology.client.ns, '--local-port', port, url(vips.address))).trim();
      const as = topology.servers.find(({ ns }) => ns.title === answered)!.address[4];
      await desktop.user.show('Flows');
      const row = page.getByRole('row', { name: new RegExp(`${client}:${port} ${vips.address}:80 tcp`) });
      await row.getByText(as, { exact: true }).waitFor();
      await page.getByLabel('Find one flow').fill(`${client}:${port} > ${vips.address}:80/tcp`);
      await page.getByRole('button', { name: 'Find', exact: true }).click();
      const found = page.getByRole('status').filter({ hasText: 'of VIP' });
      await found.waitFor();
      expect(await found.textContent()).toContain(`is on AS ${as} of VIP`);
      await desktop.app.screenshot('live-flows');
    });

    it('shows packets a second that rise and fall with the traffic', async () => {
      await desktop.user.show('Overview');
      const running = await load(40);
      // Forty connections ask twenty times a second each, with at least two packets for a question and its answer.
      const loaded = await until(
        'the rate has risen',
        async () => (await receivedRate(desktop.app)) > 400 && receivedRate(desktop.app),
      );
      await desktop.app.screenshot('live-overview');
      expect(await running.finish()).toMatchObject({ connections: 40, failures: none });
      await until('the rate has fallen', async () => (await receivedRate(desktop.app)) < loaded / 4, 20_000);
    });

    it('drains a server: staged, applied, and its flows go down to none while no connection fails', async () => {
      const { page } = desktop;
      const { address, name } = drained;
      const running = await load(40);
      await desktop.user.show('VIPs');
      await page.getByRole('row', { name: new RegExp(`${vips.address}/32 .*tcp 80`) }).dblclick();
      const servers = page.getByRole('grid', { name: 'Application servers' });
      const row = servers.getByRole('row', { name: new RegExp(address.replaceAll('.', '\\.')) });
      await row.getByText(address, { exact: true }).click();
      await page.keyboard.press('d');
      await desktop.user.staged.getByText(new RegExp(`${address} drain`)).waitFor();
      // Nothing has happened yet.
      expect((await curlServers()).has(name)).toBe(true);
      expect(await desktop.user.apply()).toBe(2);
      await row.getByText('draining').waitFor();
      const held = await until('its flows are counted', async () => (await flowsOf(row)) || undefined, 20_000);
      await desktop.app.screenshot('live-draining');
      expect([...(await curlServers())]).toEqual(['s1']);
      const { servers: old, ...report } = await running.finish();
      expect(report).toMatchObject({ connections: 40, moved: 0, failures: none });
      expect(old[name]).toBeGreaterThan(0);
      const counts = new Set<number>([held]);
      await until(
        'its flows are gone',
        async () => {
          counts.add(await flowsOf(row));
          return counts.has(0);
        },
        20_000,
      );
    });

    it('brings the server back with the revision before, from the history', async () => {
      const { page } = desktop;
      await desktop.user.show('History');
      await page.getByRole('grid', { name: 'Revisions' }).getByRole('row').last().click();
      await page.getByRole('button', { name: 'Stage the configuration of revision 1' }).click();
      await desktop.user.staged.getByText('Back to revision 1').waitFor();
      expect([...(await curlServers())]).toEqual(['s1']);
      expect(await desktop.user.apply()).toBe(3);
      expect([...(await curlServers())].sort()).toEqual(['s1', 's2']);
      expect(desktop.app.problems).toEqual([]);
    });

    /** The servers that answer thirty new connections. One of two is missed by pure chance once in a thousand million times. */
    async function curlServers(): Promise<Set<string>> {
      const address = url(vips.address);
      const calls = Array.from({ length: 30 }, () => curl(topology.client.ns, address));
      return new Set((await Promise.all(calls)).map((name) => name.trim()));
    }
  },
  [...livePrograms, 'openssl'],
);

/** What the page shows as packets per second that were received. */
async function receivedRate({ page }: DesktopApp): Promise<number> {
  const text = (await page.locator('.figure', { hasText: 'Received' }).textContent()) ?? '';
  const [, number, unit] = /([\d.,]+) ?([kM]?)\/s/.exec(text) ?? [];
  return number === undefined
    ? 0
    : Number(number.replace(/,/g, '')) * { '': 1, k: 1e3, M: 1e6 }[unit as '' | 'k' | 'M'];
}

/** The flows in a row of servers, in whichever column they are. */
async function flowsOf(row: Locator): Promise<number> {
  const heads = await row
    .page()
    .getByRole('grid', { name: 'Application servers' })
    .getByRole('columnheader')
    .allTextContents();
  const cell = row.getByRole('gridcell').nth(heads.findIndex((head) => head.startsWith('Flows')));
  return Number(((await cell.textContent()) ?? '').replace(/,/g, ''));
}
