import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { Api } from './api.js';
import { TestApi } from './api.testkit.js';
import type { Balancer } from './balancer.js';
import { ROUTES } from './contract/routes.js';
import { TokenStore } from './token-store.js';
import { makeCertificate, raw, wire } from './wire.testkit.js';

let test: TestApi;
afterEach(async () => {
  vi.useRealTimers();
  await test.close();
});

it('without a token that is known nothing is told, not even what there is', async () => {
  test = await TestApi.open({ limits: { peerPerSecond: 1000 } });
  const forged = `lbt_${'A'.repeat(43)}`;
  for (const token of ['', forged, test.admin.slice(0, -1), `${test.admin}A`, `${test.admin} x`]) {
    for (const path of ['/v1/config', '/v1/nothing', '/metrics', '/openapi.json', '/v1/stream']) {
      const { status, json, headers } = await test.send('GET', path, { token });
      expect([token, path, status, json.error.code]).toEqual([token, path, 401, 'LB_API_TOKEN']);
      expect(headers['www-authenticate']).toContain('Bearer');
    }
  }
});

it('a web page can neither ask nor read: no answer lets another origin in', async () => {
  test = await TestApi.open();
  const origin = 'https://pages.example';
  const asked = { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' };
  // A browser asks this way, without the token, before it sends one across origins.
  const before = await test.send('OPTIONS', '/v1/config', { token: '', headers: asked });
  const read = await test.send('GET', '/v1/config', { headers: { origin } });
  expect([before.status, read.status]).toEqual([401, 200]);
  for (const { headers } of [before, read]) {
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
});

it('a reader changes nothing, by no operation', async () => {
  test = await TestApi.open();
  for (const { method, path, role } of Object.values(ROUTES)) {
    if (role === 'read') continue;
    const url = path.replace(':vip', '90.0.0.0%2F8').replace(':address', '10.0.0.1').replace(/:\w+/, '1');
    const { status, json } = await test.send(method, url, {
      token: test.reader,
      body: {},
      headers: { 'if-match': '*' },
    });
    expect([path, status]).toEqual([path, 403]);
    expect(json.error.code).toBe('LB_API_ROLE');
  }
  expect(test.balancer.revisions.current.number).toBe(1);
  expect([test.balancer.flushed, test.balancer.killed]).toEqual([[], []]);
});

it('on the Unix socket no token is needed, and tokens are managed there only', async () => {
  test = await TestApi.open();
  const socketPath = await test.listen();
  const made = await wire({ socketPath, path: '/v1/tokens', method: 'POST' }, { name: 'carol', role: 'admin' });
  expect([made.status, made.json.role]).toEqual([201, 'admin']);
  const token = made.json.token as string;
  expect((await test.send('PATCH', '/v1/config', { token, body: { timeout: 50 } })).status).toBe(200);
  expect(test.balancer.revisions.current.author).toBe('carol');
  expect(await test.send('GET', '/v1/tokens', { token })).toMatchObject({
    status: 403,
    json: { error: { code: 'LB_API_LOCAL' } },
  });
  const rotated = await wire({ socketPath, path: '/v1/tokens/carol/rotate', method: 'POST' });
  expect((await test.send('GET', '/v1/status', { token })).status).toBe(401);
  const fresh = rotated.json.token as string;
  expect((await test.send('GET', '/v1/status', { token: fresh })).status).toBe(200);
  expect((await wire({ socketPath, path: '/v1/tokens/carol', method: 'DELETE' })).status).toBe(200);
  expect((await test.send('GET', '/v1/status', { token: fresh })).status).toBe(401);
  const again = await wire({ socketPath, path: '/v1/tokens', method: 'POST' }, { name: 'alice', role: 'read' });
  expect([again.status, again.json.error!.code]).toEqual([409, 'LB_API_TOKEN_EXISTS']);
  const list = await wire({ socketPath, path: '/v1/tokens' });
  expect(list.json.tokens).toEqual([
    expect.objectContaining({ name: 'alice', role: 'admin' }),
    expect.objectContaining({ name: 'grafana', role: 'read' }),
  ]);
  expect(list.text).not.toMatch(/lbt_|hash/);
  const audit = readFileSync(test.auditFile, 'utf8');
  expect(audit).toContain('"action":"rotateToken"');
  expect(audit).not.toContain('lbt_');
});

it('on the Unix socket changes are noted under the name that is given', async () => {
  test = await TestApi.open();
  const socketPath = await test.listen();
  const patch = { socketPath, path: '/v1/config', method: 'PATCH' };
  await wire({ ...patch, headers: { 'x-lb-author': 'dave' } }, { timeout: 50 });
  expect(test.balancer.revisions.current.author).toBe('dave');
  await wire(patch, { timeout: 51 });
  expect(test.balancer.revisions.current.author).toMatch(/^unix:\w+/);
  const odd = await wire({ ...patch, headers: { 'x-lb-author': 'a b' } }, { timeout: 52 });
  expect([odd.status, test.balancer.config.timeout]).toEqual([400, 51]);
  // Over TCP it is the name of the token.
  await test.send('PATCH', '/v1/config', { body: { timeout: 53 }, headers: { 'x-lb-author': 'dave' } });
  expect(test.balancer.revisions.current.author).toBe('alice');
});

it('tokens are kept as hashes in a file for this user only, and found again', async () => {
  test = await TestApi.open();
  const file = `${test.folder}/tokens.json`;
  const text = readFileSync(file, 'utf8');
  expect(text).not.toContain(test.admin.slice(4));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = TokenStore.open(file);
  expect(again.verify(test.admin)).toEqual({ name: 'alice', role: 'admin' });
  expect(again.verify(test.reader)).toEqual({ name: 'grafana', role: 'read' });
  again.revoke('alice');
  expect(TokenStore.open(file).verify(test.admin)).toBeUndefined();
});

it('a damaged file of tokens is not taken for an empty one', async () => {
  test = await TestApi.open();
  writeFileSync(`${test.folder}/bad.json`, '{"version":1,"tokens":[{}]}');
  expect(() => TokenStore.open(`${test.folder}/bad.json`)).toThrow(
    expect.objectContaining({ code: 'LB_API_TOKEN_FILE' }),
  );
});

it('beyond loopback there is no listener without TLS', async () => {
  test = await TestApi.open();
  for (const address of ['0.0.0.0:0', ':0', '[::]:0', '192.0.2.1:80']) {
    await expect(test.api.listen({ address })).rejects.toMatchObject({ code: 'LB_API_TLS' });
  }
  for (const address of ['127.0.0.1', 'lb.example:80', '1.2.3:5', '[127.0.0.1]:5', '127.0.0.1:70000']) {
    await expect(test.api.listen({ address })).rejects.toMatchObject({ code: 'LB_API_LISTEN' });
  }
  const tls = { cert: '/nowhere.crt', key: '/nowhere.key' };
  await expect(test.api.listen({ address: ':0', tls })).rejects.toMatchObject({ code: 'LB_API_TLS' });
  const port = await test.api.listen({ address: '127.0.0.1:0' });
  await expect(test.api.listen({ address: `127.0.0.1:${port}` })).rejects.toMatchObject({ code: 'LB_API_LISTEN' });
});

it('TLS is spoken with a certificate, to those with a token', async () => {
  test = await TestApi.open();
  const files = makeCertificate(test.folder);
  const port = await test.api.listen({ address: '127.0.0.1:0', tls: files });
  const target = { host: '127.0.0.1', port, secure: true, ca: readFileSync(files.cert, 'utf8'), path: '/v1/status' };
  expect((await wire(target)).status).toBe(401);
  expect((await wire({ ...target, headers: { authorization: `Bearer ${test.reader}` } })).status).toBe(200);
  expect(await raw({ port }, 'GET /v1/status HTTP/1.1\r\nhost: lb\r\n\r\n')).not.toContain('200 OK');
});

it('who asks too often has to wait, alone', async () => {
  test = await TestApi.open({ limits: { tokenPerSecond: 5, peerPerSecond: 3 } });
  // All within one second, however long it takes.
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: Date.now() });
  const statuses = async (count: number, token: string) => {
    const found: number[] = [];
    for (let i = 0; i < count; i++) found.push((await test.send('GET', '/v1/nothing', { token })).status);
    return found;
  };
  expect(await statuses(6, test.admin)).toEqual([404, 404, 404, 404, 404, 429]);
  expect(await statuses(4, '')).toEqual([401, 401, 401, 429]);
  expect(await statuses(1, test.reader)).toEqual([404]);
  const { status, headers, json } = await test.send('PATCH', '/v1/config', { body: { timeout: 50 } });
  expect([status, headers['retry-after'], json.error.code]).toEqual([429, '1', 'LB_API_RATE']);
  expect(test.balancer.revisions.current.number).toBe(1);
  // A clock that is set frees nobody, and holds nobody.
  vi.setSystemTime(Date.now() + 86_400_000);
  expect(await statuses(1, test.admin)).toEqual([429]);
  vi.setSystemTime(Date.now() - 2 * 86_400_000);
  vi.advanceTimersByTime(1001);
  expect(await statuses(1, test.admin)).toEqual([404]);
});

it('connections are bounded, and slow headers are not waited for', async () => {
  test = await TestApi.open({ limits: { connections: 3, headersMs: 300 } });
  const port = await test.api.listen({ address: '127.0.0.1:0' });
  const sockets = Array.from({ length: 6 }, () => connect({ port, host: '127.0.0.1' }));
  for (const socket of sockets) {
    socket.on('error', () => {});
    socket.write('GET /v1/status HTTP/1.1\r\nhost:');
  }
  const ends = await Promise.all(
    sockets.map((socket) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      return new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
    }),
  );
  expect(ends.filter((text) => text === '')).toHaveLength(3);
  expect(ends.filter((text) => text.startsWith('HTTP/1.1 408') && text.includes('LB_API_HTTP'))).toHaveLength(3);
});

it('what is no HTTP is answered so', async () => {
  test = await TestApi.open();
  const path = await test.listen();
  expect(await raw({ path }, 'hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [\s\S]*LB_API_HTTP/);
  expect(await raw({ path }, `GET / HTTP/1.1\r\nhost: x\r\na: ${'a'.repeat(20_000)}\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 431 /,
  );
});

it('requests that come before the balancer is ready wait for it; those without a token do not', async () => {
  test = await TestApi.open();
  let ready: (balancer: Balancer) => void = () => {};
  const later = new Promise<Balancer>((resolve) => {
    ready = resolve;
  });
  const api = await Api.create(later, { log: test.log, version: '0', tokens: test.tokens });
  const status = api.app.inject({ url: '/v1/status', headers: { authorization: `Bearer ${test.reader}` } });
  expect((await api.app.inject({ url: '/v1/status' })).statusCode).toBe(401);
  ready(test.balancer);
  expect((await status).statusCode).toBe(200);
  await api.close();
});

it('when the balancer cannot start, requests are told so', async () => {
  test = await TestApi.open();
  const api = await Api.create(Promise.reject(new Error('no interface')), {
    log: test.log,
    version: '0',
    tokens: test.tokens,
  });
  const { statusCode } = await api.app.inject({
    url: '/v1/status',
    headers: { authorization: `Bearer ${test.reader}` },
  });
  expect(statusCode).toBe(500);
  expect(test.failures).toHaveLength(1);
  await api.close();
});
