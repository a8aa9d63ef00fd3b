import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandApi } from '../client/api.testkit.js';

let api: CommandApi;
beforeEach(async () => {
  api = await CommandApi.open();
});
afterEach(() => api.close());

const ass = (v = 0) => api.config.vips[v]!.ass;

describe('drain, enable and disable', () => {
  it('take servers out and back, as one revision each', async () => {
    const drained = await api.run('drain', '90.0.0.0/8', '10.0.0.1', '10.0.0.2', '--note', 'kernel');
    expect(drained.stderr).toMatch(/^lb drain: warning: the list of ASs has none .*\(LB_CFG_WARN_NO_AS\)\n$/);
    expect(drained.stdout).toBe(
      '10.0.0.1 of 90.0.0.0/8: draining, weight 100, now 0, 7 flows\n' +
        '10.0.0.2 of 90.0.0.0/8: draining, weight 50, now 0, 7 flows\nrevision 2\n',
    );
    expect(ass().map(({ state }) => state)).toEqual(['draining', 'draining']);
    expect(api.test.balancer.revisions.current.note).toBe('kernel');
    expect(await api.output('enable', '90.0.0.0/8', '10.0.0.2')).toBe(
      '10.0.0.2 of 90.0.0.0/8: enabled, weight 50, 7 flows\nrevision 3\n',
    );
    await api.run('disable', '90.0.0.0/8', '10.0.0.2');
    expect(ass().map(({ state }) => state)).toEqual(['draining', 'disabled']);
  });

  it('the deadline of a drain counts from now', async () => {
    const before = Date.now();
    await api.output('drain', '90.0.0.0/8', '10.0.0.1', '--deadline', '300');
    const until = Date.parse(ass()[0]!.drainUntil!);
    expect(until).toBeGreaterThanOrEqual(before + 300_000);
    expect(until).toBeLessThanOrEqual(Date.now() + 300_000);
  });

  it('drain takes a whole VIP out with --all, and no VIP by an oversight', async () => {
    await api.run('drain', '90.0.0.0/8', '--all');
    expect(ass().map(({ state }) => state)).toEqual(['draining', 'draining']);
    const reason = 'name the servers, or give --all for those of the VIP (LB_CLI_USAGE)';
    expect((await api.run('drain', '90.0.0.0/8')).stderr).toContain(reason);
    expect((await api.run('drain', '90.0.0.0/8', '10.0.0.1', '--all')).stderr).toContain(reason);
  });

  it('tell everything as JSON', async () => {
    expect(await api.json('drain', '90.0.0.0/8', '10.0.0.1')).toMatchObject({
      revision: 2,
      vip: '90.0.0.0/8',
      ass: [{ address: '10.0.0.1', state: 'draining', reason: 'draining', effectiveWeight: 0, flows: 7 }],
      warnings: [],
    });
  });

  it('never make a server that is not there', async () => {
    expect(await api.run('drain', '90.0.0.0/8', '10.0.0.1', '10.0.0.9')).toEqual({
      status: 1,
      stdout: '',
      stderr: "lb drain: VIP 90.0.0.0/8 has no AS 10.0.0.9; did you mean '10.0.0.1'? (LB_CLI_AS)\n",
    });
    expect(api.revision).toBe(1);
  });
});

it('a server that somebody else removes meanwhile is not made anew', async () => {
  const { balancer } = api.test;
  const { exec } = balancer;
  balancer.exec = async (lines, meta) => {
    await exec.call(balancer, ['lb as 90.0.0.0/8 10.0.0.1 del'], { author: 'bob' });
    return exec.call(balancer, lines, meta);
  };
  expect((await api.run('enable', '90.0.0.0/8', '10.0.0.1')).stderr).toMatch(/^lb enable: .*\(LB_STATE_CONFLICT\)\n$/);
  expect(ass().map(({ address }) => address)).toEqual(['10.0.0.2']);
});

describe('drain --wait', () => {
  it('ends with an error when the drain is called off', async () => {
    const drained = new Promise((resolve) => api.test.balancer.revisions.once('revision', resolve));
    // Flows of the double stay.
    const waiting = api.run('drain', '90.0.0.0/8', '10.0.0.1', '--wait');
    await drained;
    await api.output('enable', '90.0.0.0/8', '10.0.0.1');
    expect(await waiting).toEqual({
      status: 1,
      stdout: '',
      stderr: 'lb drain: AS 10.0.0.1 of VIP 90.0.0.0/8 takes new flows again (LB_CLI_DRAIN)\n',
    });
  });
});

describe('a VIP', () => {
  it('with a port is named by its id, by options, or by its prefix if that says enough', async () => {
    for (const words of [['91.1.2.1/32,tcp,80'], ['91.1.2.1/32', '--port', '80', '--protocol', 'tcp'], ['91.1.2.1']]) {
      const [vip, ...options] = words;
      await api.run('drain', vip!, '10.0.0.3', ...options);
      expect(ass(1)[0]!.state).toBe('draining');
      await api.output('enable', vip!, '10.0.0.3', ...options);
      expect(ass(1)[0]!.state).toBe('enabled');
    }
    const other = await api.run('drain', '91.1.2.1/32,udp,80', '10.0.0.3');
    expect(other.stderr).toContain(
      'there is no VIP 91.1.2.1/32 udp port 80, only 91.1.2.1/32 tcp port 80 (LB_CLI_VIP)',
    );
  });
});

describe('weight', () => {
  it('is changed at once', async () => {
    expect(await api.output('weight', '90.0.0.0/8', '10.0.0.1', '30')).toBe(
      '10.0.0.1 of 90.0.0.0/8: enabled, weight 30, 7 flows\nrevision 2\n',
    );
    expect(ass()[0]).toEqual({ address: '10.0.0.1', weight: 30, state: 'enabled' });
  });

  it('or gradually', async () => {
    await api.run('weight', '90.0.0.0/8', '10.0.0.1', '30', '--over', '60');
    expect(ass()[0]).toMatchObject({ weight: 30, ramp: { from: 100, seconds: 60 } });
  });

  it('is from 0 to 100', async () => {
    expect((await api.run('weight', '90.0.0.0/8', '10.0.0.1', '101')).stderr).toBe(
      "lb weight: the weight must be a whole number from 0 to 100, got '101' (LB_CLI_USAGE)\n",
    );
    expect(api.revision).toBe(1);
  });
});
