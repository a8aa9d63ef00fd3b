import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from './api.testkit.js';
import { type HostileRequest, HostileRequests, randomFrom } from './hostile.testkit.js';

const REQUESTS = 100_000;
const OVER_SOCKETS = 2000;
/** LB_SEED repeats a run. */
const SEED = Number(process.env.LB_SEED ?? Date.now() % 2 ** 31);

const UNLIMITED = { tokenPerSecond: 1e9, peerPerSecond: 1e9, unixPerSecond: 1e9 };

let test: TestApi;
beforeEach(async () => {
  // Without streams: a request that is injected ends with its answer. The audit log has a test of its own.
  test = await TestApi.open({ limits: { ...UNLIMITED, streams: 0 } }, false);
});
afterEach(() => test.close());

/** Everything that a request may change. */
function stateOf({ balancer, tokens }: TestApi): string {
  const { flushed, killed, revisions } = balancer;
  return [revisions.current.number, flushed.length, killed.length, JSON.stringify(tokens.list())].join(' ');
}

function failures(): number {
  return test.balancer.events.counts.get('api-error') ?? 0;
}

function inject({ method, url, headers, body }: HostileRequest, token: string) {
  const authorization = token && { authorization: `Bearer ${token}` };
  return test.api.app.inject({
    method: method as 'GET',
    url,
    headers: { ...headers, ...authorization },
    ...(body !== undefined && { payload: body }),
  });
}

describe(`hostile requests (LB_SEED=${SEED})`, () => {
  it('100,000: no crash, no 5xx without an event, no change without authorisation', async () => {
    const random = randomFrom(SEED);
    const requests = new HostileRequests(random);
    const seen = new Map<number, number>();
    const breaking = test.balancer.status.bind(test.balancer);
    test.balancer.status = () => {
      if (random() < 0.2) throw new TypeError('broken');
      return breaking();
    };
    const forged = `lbt_${'A'.repeat(43)}`;
    const callers = ['', forged, 'lbt_', `${test.admin}0`, test.reader, test.reader, test.admin] as const;
    let state = stateOf(test);
    for (let n = 0; n < REQUESTS; n++) {
      const request = requests.next();
      const token = callers[Math.floor(random() * callers.length)]!;
      const failed = failures();
      const { statusCode: status, body } = await inject(request, token);
      seen.set(status, (seen.get(status) ?? 0) + 1);
      const about = () => `request ${n}: ${JSON.stringify({ ...request, token: callers.indexOf(token) })}`;
      const after = stateOf(test);
      if (token !== test.admin && after !== state) throw new Error(`changed without authorisation: ${about()}`);
      if (token !== test.admin && token !== test.reader && status < 400) throw new Error(`let in: ${about()}`);
      if (failures() - failed !== (status >= 500 ? 1 : 0)) throw new Error(`${status} and its event: ${about()}`);
      if (status >= 400 && !body.startsWith('{"error":{"code":"LB_')) throw new Error(`${body}: ${about()}`);
      state = after;
    }
    // Each kind of answer was met: the requests reach all that there is.
    const wanted = [200, 201, 400, 401, 403, 404, 405, 412, 415, 422, 428, 500, 503];
    expect(wanted.filter((status) => !seen.has(status))).toEqual([]);
    expect(({} as { role?: string }).role).toBeUndefined();
    expect((await test.send('GET', '/v1/config')).status).toBe(200);
    // The state that all this has led to is one that the model accepts.
    const again = await test.send('PUT', '/v1/config', { body: test.balancer.config, headers: { 'if-match': '*' } });
    expect(again.status).toBe(200);
  }, 600_000);

  it('2,000 over sockets, as bytes that need not be HTTP', async () => {
    const random = randomFrom(SEED + 1);
    const requests = new HostileRequests(random);
    const port = await test.api.listen({ address: '127.0.0.1:0' });
    const before = stateOf(test);
    for (let n = 0; n < OVER_SOCKETS; n++) {
      const { method, url, headers, body = '' } = requests.next();
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      let bytes: Buffer = Buffer.from(`${method} ${url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
      if (random() < 0.5) bytes = damaged(bytes, random);
      const socket = createConnection({ port, host: '127.0.0.1' });
      socket.on('error', () => {});
      socket.resume();
      const closed = once(socket, 'close');
      socket.end(bytes);
      await closed;
    }
    expect(stateOf(test)).toBe(before);
    const { status } = await test.send('GET', '/v1/config');
    expect([status, failures()]).toEqual([200, 0]);
  }, 60_000);
});

function damaged(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes.subarray(0, Math.ceil(random() * bytes.length)));
  for (let flips = Math.floor(random() * 8); flips > 0; flips--) {
    copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
  }
  return copy;
}
