import { afterEach, beforeEach, expect, it } from 'vitest';
import { runMain } from '../cli.testkit.js';
import { CommandApi } from '../client/api.testkit.js';

let api: CommandApi;
beforeEach(async () => {
  api = await CommandApi.open();
});
afterEach(() => api.close());

it('makes a token that lets a program in, and prints nothing else on standard output', async () => {
  const { stdout, stderr } = await api.run('token', 'create', 'erin', '--role', 'admin');
  expect(stdout).toMatch(/^lbt_\S+\n$/);
  expect(stderr).toBe('lb token: erin may do everything; this is shown once\n');
  const url = `http://127.0.0.1:${await api.test.api.listen({ address: '127.0.0.1:0' })}`;
  const file = api.folder.write('token', stdout.trim());
  const changed = await runMain('conf', 'timeout', '50', '--url', url, '--token-file', file);
  expect(changed).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(api.test.balancer.revisions.current).toMatchObject({ author: 'erin', config: { timeout: 50 } });
});

it('lists, replaces and revokes', async () => {
  expect(await api.json('token', 'list')).toMatchObject([{ name: 'alice', role: 'admin' }, { name: 'grafana' }]);
  const before = api.test.reader;
  const { token } = await api.json<{ token: string }>('token', 'rotate', 'grafana');
  expect(api.test.tokens.verify(before)).toBeUndefined();
  expect(api.test.tokens.verify(token)).toMatchObject({ name: 'grafana', role: 'read' });
  expect(await api.output('token', 'revoke', 'grafana')).toBe('token grafana is void\n');
  expect(await api.output('token', 'list')).toMatch(/^NAME +ROLE +CREATED\nalice +admin +\S+ \S+\n$/);
});

it('says what is wrong', async () => {
  expect((await api.run('token', 'create', 'x')).stderr).toContain('--role');
  expect((await api.run('token', 'create', 'alice', '--role', 'read')).stderr).toContain('(LB_API_TOKEN_EXISTS)');
  expect((await api.run('token', 'revoke', 'bob')).stderr).toContain('(LB_API_NOT_FOUND)');
});
