import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { Daemon, queueKinds } from '../support/daemon.js';
import { removeFlowTables } from '../support/flow-folder.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none, serverNames } from '../support/live.js';
import { liveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import { run } from '../support/run.js';
import { startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { UnitRights, unitSetting } from '../support/unit-rights.js';
import { until } from '../support/until.js';
import { vipTypes } from '../support/vip-types.js';

describeNeeding(
  [...livePrograms, 'strace', 'systemd-analyze'],
  'a daemon with the rights that the systemd unit gives',
  () => {
    let topology: Topology;
    let daemon: Daemon | undefined;
    let rights: UnitRights | undefined;
    let state = '';
    beforeAll(async () => {
      topology = await Topology.create();
      await startServers(topology.servers);
      await startBackends(topology.servers);
    });
    afterEach(async () => {
      await daemon?.stop();
      if (state !== '') removeFlowTables(state);
      state = '';
      rights?.remove();
    });
    afterAll(() => topology.close());

    describe.each(queueKinds)('through %s', (kind) => {
      it.each(vipTypes.filter(({ name }) => ['ip4-gre4', 'ip6-nat6'].includes(name)))('$name: serves', async (type) => {
        const { lb, client, servers } = topology;
        await topology.setGateway(type.method === 'nat' ? 'lb' : 'router');
        const vips = liveVips(type, lb, servers);
        rights = new UnitRights();
        state = join(rights.folder, 'state');
        daemon = await Daemon.start(lb.ns, { kind, config: vips.config, rights, state });
        const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8');
        const [uid] = /(?<=^Uid:\t)\d+/m.exec(status)!;
        const [effective] = /(?<=^CapEff:\t).+/m.exec(status)!;
        expect(uid).toBe(`${rights.uid}`);
        const { stdout } = await run('capsh', [`--decode=${effective}`]);
        expect(stdout.trim().split('=')[1]!.split(',').sort()).toEqual(
          rights.capabilities.map((name) => `cap_${name}`).sort(),
        );

        const load = await HttpLoad.start(client.ns, { host: vips.address, port: vips.http, connections: 60 });
        const report = await load.finish();
        expect(report).toMatchObject({ connections: 60, moved: 0, failures: none });
        expect(Object.keys(report.servers).sort()).toEqual(serverNames);
        expect(await daemon.lost()).toEqual({ dropped: {}, unsent: 0 });
      });

      it('makes no system call that the unit forbids', async () => {
        const { lb, client, servers } = topology;
        await topology.setGateway('router');
        const vips = liveVips(vipTypes.find(({ name }) => name === 'ip4-gre4')!, lb, servers);
        const list = join(lb.ns.folder, `calls-${kind}`);
        rights = new UnitRights(['strace', '-D', '-f', '-c', '-S', 'name', '-U', 'name', '-o', list]);
        state = join(rights.folder, 'state');
        daemon = await Daemon.start(lb.ns, { kind, config: vips.config, rights, state });
        const load = await HttpLoad.start(client.ns, { host: vips.address, port: vips.http, connections: 20 });
        expect(await load.finish()).toMatchObject({ connections: 20, failures: none });
        await daemon.exec(`lb as ${vips.httpVip.join(' ')} ${servers[0]!.address[4]} weight 7`);
        await daemon.stop();

        // The program that counts ends after the one that it watches, and writes all at once: two lines of head, the calls, a line, and their sum.
        const made = await until('the system calls are counted', () => {
          const lines = existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n') : [];
          return lines.at(-1)?.trim() === 'total' && new Set(lines.slice(2, -2).map((line) => line.trim()));
        });
        const allowed = await allowedCalls();
        // Made by the programs that change over to these rights, before the daemon is there.
        const before = new Set(['setgroups', 'setresgid', 'setresuid', 'capset', 'capget']);
        expect([...made].filter((name) => !allowed.has(name) && !before.has(name))).toEqual([]);
        expect(made).toContain(kind === 'af_xdp' ? 'bpf' : 'mmap');
      });
    });

    it('are few: systemd rates the exposure 3.5 of 10 at most', async () => {
      const unit = join(import.meta.dirname, '../../deploy/lb.service');
      const { status, stderr } = await run('systemd-analyze', ['security', '--offline=true', '--threshold=35', unit]);
      expect([status, stderr]).toEqual([0, '']);
    });

    /** The system calls of the unit's filter. */
    async function allowedCalls(): Promise<Set<string>> {
      const { stdout } = await run('systemd-analyze', ['syscall-filter']);
      const sets = new Map<string, string[]>();
      let members: string[] = [];
      for (const line of stdout.split('\n')) {
        if (line.startsWith('@')) {
          members = [];
          sets.set(line.trim(), members);
        } else if (/^ +[@a-z]/.test(line)) members.push(line.trim());
      }
      const names = new Set<string>();
      const add = (name: string): void => {
        if (name.startsWith('@')) for (const member of sets.get(name)!) add(member);
        else names.add(name);
      };
      for (const name of unitSetting('SystemCallFilter')) add(name);
      return names;
    }
  },
);
