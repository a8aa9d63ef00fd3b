import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { formatYamlConfig, type Plan } from '@lb/control';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtProgram } from '../cli.testkit.js';
import { CommandApi } from '../client/api.testkit.js';

let api: CommandApi;
beforeEach(async () => {
  api = await CommandApi.open();
});
afterEach(() => api.close());

/** The configuration there is, in YAML, with another timeout. */
function yamlWithTimeout(timeout: number): string {
  return api.folder.write('site.yaml', formatYamlConfig({ ...api.config, timeout }).trimEnd());
}

describe('plan', () => {
  it('shows what YAML would change, and changes nothing', async () => {
    const text = await api.output('plan', '--config', yamlWithTimeout(50));
    expect(text).toMatch(/^1 change\nestablished flows: 21 kept, 0 cut\n/);
    expect(text).toContain('~ timeout 40 -> 50');
    expect(api.revision).toBe(1);
  });

  it('shows how many buckets and flows command lines move, as JSON', async () => {
    const lines = api.folder.write('change.lb', 'lb as 90.0.0.0/8 10.0.0.1 del flush', 'lb vip 92.0.0.0/8');
    const plan = await api.json<Plan>('plan', '--exec', lines);
    expect(plan.changes.map(({ kind }) => kind)).toEqual(['remove', 'add']);
    // 171 of the 256 buckets were its own: two thirds.
    expect(plan.vips[0]).toMatchObject({ vip: { prefix: '90.0.0.0/8' }, moved: 171 });
    expect(api.revision).toBe(1);
  });

  it('says which flows lines flush, since it counts them as kept', async () => {
    const lines = api.folder.write('flush.lb', 'lb flush vip 90.0.0.0/8', 'lb as 90.0.0.0/8 10.0.0.1 flush');
    expect(await api.output('plan', lines)).toMatch(
      /kept above\n {2}all flows of VIP 90\.0\.0\.0\/8\n {2}the flows of 10\.0\.0\.1 of VIP 90\.0\.0\.0\/8\n$/,
    );
    expect(await api.json('plan', lines)).toMatchObject({
      changes: [],
      flushes: [{ vip: { prefix: '90.0.0.0/8' } }, { vip: { prefix: '90.0.0.0/8' }, ass: ['10.0.0.1'] }],
    });
    expect(await api.output('plan', '--config', yamlWithTimeout(50))).not.toContain('FLUSHED');
  });

  it('of a revision, what a rollback to it would change', async () => {
    await api.output('conf', 'timeout', '60');
    expect(await api.output('plan', '--revision', '1')).toContain('~ timeout 60 -> 40');
  });

  it('says so when nothing would change', async () => {
    expect(await api.output('plan', '--config', yamlWithTimeout(40))).toBe('nothing changes\n');
  });

  it('names file, line and column of a wrong line', async () => {
    const lines = api.folder.write('wrong.lb', 'lb conf timeout 50', 'lb pip');
    const { status, stderr } = await api.run('plan', '--exec', lines);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^lb plan: .*wrong\.lb:2:4: .*\(LB_CFG_WORD\)\n$/);
  });

  it('needs exactly one thing to plan', async () => {
    expect((await api.run('plan')).stderr).toBe(
      'lb plan: nothing says what to change; give a FILE or --revision N (LB_CLI_USAGE)\n',
    );
    const both = await api.run('plan', '--config', yamlWithTimeout(50), '--revision', '1');
    expect(both.stderr).toContain('more than one thing says what to change');
  });
});

describe('a file without an option', () => {
  it('is YAML by its name, else command lines', async () => {
    expect(await api.output('plan', yamlWithTimeout(50))).toContain('~ timeout 40 -> 50');
    expect(await api.output('plan', api.folder.write('x.lb', 'lb conf timeout 60'))).toContain('~ timeout 40 -> 60');
    expect((await api.run('plan', 'x.lb', '--revision', '1')).stderr).toContain('more than one thing says');
    expect(await api.output('apply', '--yes', api.folder.write('x.lb', 'lb conf timeout 70'))).toMatch(
      /\nrevision 2\n$/,
    );
  });

  it('- is standard input', () => {
    const argv = [builtProgram(), 'plan', '-', '--socket', api.socket];
    const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end('lb conf timeout 50\n');
    return expect(text(child.stdout)).resolves.toContain('~ timeout 40 -> 50');
  });
});

describe('apply', () => {
  it('makes YAML the configuration, and keeps who did it and why', async () => {
    const file = yamlWithTimeout(50);
    const text = await api.output('apply', '--yes', '--config', file, '--note', 'longer');
    expect(text).toContain('~ timeout 40 -> 50');
    expect(text).toMatch(/\n\nrevision 2\n$/);
    expect(api.config.timeout).toBe(50);
    expect(api.test.balancer.revisions.current).toMatchObject({ number: 2, note: 'longer' });
  });

  it('carries out command lines with what they ask for beside the configuration', async () => {
    const lines = api.folder.write('change.lb', 'lb conf timeout 70', 'lb flush vip 90.0.0.0/8', 'show lb');
    expect(await api.output('apply', '--yes', '--exec', lines, '--note', 'why')).toMatch(/shown\n\nrevision 2\n$/);
    expect(api.config.timeout).toBe(70);
    expect(api.test.balancer.flushed).toEqual(['90.0.0.0/8']);
    expect(api.test.balancer.revisions.current.note).toBe('why');
  });

  it('tells plan, revision and warnings as JSON', async () => {
    const lines = api.folder.write('change.lb', 'lb vip 92.0.0.0/8');
    const answer = await api.json<{ revision: number; plan: Plan; warnings: object[] }>(
      'apply',
      '--yes',
      '--exec',
      lines,
    );
    expect(answer).toMatchObject({
      revision: 2,
      plan: { changes: [{ kind: 'add' }] },
      warnings: [{ code: 'LB_CFG_WARN_NO_AS', file: lines }],
    });
  });

  it('changes nothing without --yes where nobody can be asked', async () => {
    const { status, stdout, stderr } = await api.run('apply', '--config', yamlWithTimeout(50));
    expect(status).toBe(1);
    expect(stdout).toContain('timeout 40 -> 50');
    expect(stderr).toContain('nothing was changed: there is no terminal to ask on; give --yes (LB_CLI_DECLINED)');
    expect((await api.json<unknown[]>('history')).length).toBe(1);
  });

  it('refuses when the current revision is another than the one said', async () => {
    await api.output('conf', 'timeout', '60');
    const { status, stderr } = await api.run('apply', '--yes', '--config', yamlWithTimeout(50), '--if-revision', '1');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^lb apply: .*\(LB_STATE_CONFLICT\)\n$/);
    expect(api.config.timeout).toBe(60);
  });

  it('applies nothing of lines that are wrong', async () => {
    const lines = api.folder.write('wrong.lb', 'lb conf timeout 50', 'lb as 95.0.0.0/8 10.0.0.1');
    expect((await api.run('apply', '--exec', lines)).stderr).toMatch(/wrong\.lb:2:7: .*\(LB_CFG_VIP_MISSING\)/);
    expect([api.revision, api.config.timeout]).toEqual([1, 40]);
  });
});

it.each([['apply'], ['rollback']])('%s refuses when something changed after its plan', async (name) => {
  await api.output('conf', 'timeout', '60');
  const { balancer } = api.test;
  const { plan } = balancer;
  balancer.plan = (after) => {
    const planned = plan.call(balancer, after);
    void balancer.change((config) => ({ ...config, timeout: 61 }), { author: 'bob' });
    return planned;
  };
  const { status, stderr } = await api.run(
    name,
    '--yes',
    ...(name === 'apply' ? ['--config', yamlWithTimeout(50)] : ['1']),
  );
  expect([status, stderr]).toEqual([1, expect.stringContaining('(LB_STATE_CONFLICT)')]);
  expect(api.config.timeout).toBe(61);
});

describe('rollback', () => {
  it('brings an earlier configuration back as a new revision', async () => {
    await api.output('conf', 'timeout', '60');
    expect(await api.output('rollback', '1', '--yes')).toMatch(/~ timeout 60 -> 40.*\nrevision 3\n$/s);
    expect(api.config.timeout).toBe(40);
    expect(api.test.balancer.revisions.current.note).toBe('rollback to revision 1');
  });

  it('says when there is no such revision', async () => {
    expect((await api.run('rollback', '9')).stderr).toMatch(/\(LB_STATE_NO_REVISION\)\n$/);
    expect((await api.run('rollback', 'x')).stderr).toContain(
      "the revision must be a whole number from 1 to 999999999, got 'x'",
    );
    expect(api.revision).toBe(1);
  });
});
