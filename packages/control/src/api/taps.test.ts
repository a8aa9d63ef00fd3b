import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from './api.testkit.js';
import { decodeFlowBuckets } from './contract/flow-buckets.js';

let test: TestApi;
beforeEach(async () => {
  test = await TestApi.open();
});
afterEach(() => test.close());

type Where = { socketPath: string } | { port: number };

/** A request over a real connection. */
function post(path: string, where: Where, headers: Record<string, string> = {}): ClientRequest {
  const all = { 'content-type': 'application/json', ...headers };
  const outgoing = request({ ...where, method: 'POST', path, agent: false, headers: all });
  // A connection that is broken off is one of the cases.
  outgoing.on('error', () => {});
  outgoing.end('{}');
  return outgoing;
}

/** Begins a capture, and returns with its first bytes. */
async function begin(where: Where, headers: Record<string, string> = {}) {
  const outgoing = post('/v1/capture', where, headers);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  incoming.on('error', () => {});
  const [first] = (await once(incoming, 'data')) as [Buffer];
  return { outgoing, incoming, first };
}

/** Resolves when no capture is open in the balancer. */
async function idle(): Promise<void> {
  while (test.balancer.capturing > 0) await new Promise(setImmediate);
}

describe('a trace', () => {
  it('is of what is asked for, by default of the next 20 packets within 10 seconds', async () => {
    const usual = await test.send('POST', '/v1/trace', { body: {} });
    expect([usual.status, usual.json.records.length, usual.json.missed]).toEqual([200, 20, 3]);
    const vip = '91.1.2.1/32,tcp,80';
    const filter = { vip, as: '2001:DB8::5', client: '198.51.100.7', port: 80, protocol: 'tcp', verdict: 'drop' };
    const body = { ...filter, reason: 'no-server', sample: 10, snapBytes: 64, count: 3, seconds: 0.5 };
    expect((await test.send('POST', '/v1/trace', { body })).json.records).toHaveLength(3);
    const nothing = { vip: undefined, as: undefined, client: undefined, reason: undefined };
    expect(test.balancer.traced).toEqual([
      { ...nothing, count: 20, seconds: 10 },
      {
        ...body,
        vip: { prefix: '91.1.2.1/32', protocol: 'tcp', port: 80 },
        as: '2001:db8::5',
        client: '198.51.100.7/32',
      },
    ]);
  });

  it('of what is not there, or not possible, is refused where it is wrong', async () => {
    const refused: readonly (readonly [object, number, object])[] = [
      [{ vip: '91.1.2.1/32,tcp,81' }, 404, { code: 'LB_API_NOT_FOUND', hint: 'did you mean 91.1.2.1/32,tcp,80?' }],
      [{ vip: 'here' }, 400, { path: 'body.vip' }],
      [{ client: '198.51.100.0/33' }, 400, { path: 'body.client' }],
      [{ as: 'there' }, 400, { path: 'address' }],
      [{ reason: 'no-sever' }, 400, { path: 'body.reason', hint: "did you mean 'no-server'?" }],
      [{ verdict: 'pending' }, 400, { path: 'body.verdict' }],
      [{ count: 1001 }, 400, { path: 'body.count' }],
      [{ seconds: 301 }, 400, { path: 'body.seconds' }],
      [{ snapBytes: 63 }, 400, { path: 'body.snapBytes' }],
      [{ sample: 0 }, 400, { path: 'body.sample' }],
      [{ vop: 1 }, 400, { path: 'body.vop' }],
    ];
    for (const [body, status, error] of refused) {
      expect(await test.send('POST', '/v1/trace', { body })).toMatchObject({ status, json: { error } });
    }
    expect(test.balancer.traced).toEqual([]);
  });

  it('ends when its client leaves, and with its token: then with what it has', async () => {
    test.balancer.endless = true;
    const outgoing = post('/v1/trace', { socketPath: await test.listen() });
    while (test.balancer.capturing === 0) await new Promise(setImmediate);
    outgoing.destroy();
    await idle();
    const other = test.send('POST', '/v1/trace', { body: { count: 4 } });
    while (test.balancer.capturing === 0) await new Promise(setImmediate);
    test.tokens.revoke('alice');
    expect((await other).json.records).toHaveLength(4);
  });

  it('and a capture are for administrators, and noted', async () => {
    for (const what of ['trace', 'capture']) {
      const refused = await test.send('POST', `/v1/${what}`, { body: {}, token: test.reader });
      expect(refused).toMatchObject({ status: 403, json: { error: { code: 'LB_API_ROLE' } } });
    }
    await test.send('POST', '/v1/trace', { body: { count: 1 } });
    const noted = readFileSync(test.auditFile, 'utf8').trimEnd().split('\n');
    expect(noted.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ author: 'grafana', action: 'trace', status: 403 }),
      expect.objectContaining({ author: 'grafana', action: 'capture', status: 403 }),
      expect.objectContaining({ author: 'alice', action: 'trace', status: 200, detail: { count: 1 } }),
    ]);
  });
});

describe('a capture', () => {
  it('comes as bytes, and says at its end how many packets were left out', async () => {
    const { status, headers, raw } = await test.send('POST', '/v1/capture', { body: { count: 2, side: 'sent' } });
    expect([status, headers['content-type']]).toEqual([200, 'application/octet-stream']);
    expect(raw.rawPayload.subarray(0, 4).toString('hex')).toBe('0a0d0d0a');
    expect(raw.trailers).toEqual({ 'x-lb-missed': '3' });
    expect(test.balancer.captured).toMatchObject([{ count: 2, side: 'sent', seconds: 60, bytes: 104_857_600 }]);
    await idle();
  });

  it('is the only one; it ends when its client leaves', async () => {
    test.balancer.endless = true;
    const socketPath = await test.listen();
    const { outgoing } = await begin({ socketPath });
    expect(test.balancer.capturing).toBe(1);
    for (const what of ['trace', 'capture']) {
      const second = await test.send('POST', `/v1/${what}`, { body: {} });
      expect(second).toMatchObject({ status: 409, json: { error: { code: 'LB_WORKER_TAP_BUSY' } } });
    }
    outgoing.destroy();
    await idle();
    test.balancer.endless = false;
    expect((await test.send('POST', '/v1/trace', { body: {} })).status).toBe(200);
  });

  it('ends in good order with its token', async () => {
    test.balancer.endless = true;
    const port = await test.api.listen({ address: '127.0.0.1:0' });
    const { incoming } = await begin({ port }, { authorization: `Bearer ${test.admin}` });
    test.tokens.revoke('alice');
    await once(incoming, 'end');
    expect(incoming.trailers).toEqual({ 'x-lb-missed': '3' });
    await idle();
  });

  it('counts among the streams', async () => {
    await test.close();
    test = await TestApi.open({ limits: { streams: 1 } });
    test.balancer.endless = true;
    const { outgoing } = await begin({ socketPath: await test.listen() });
    expect(await test.send('GET', '/v1/stream')).toMatchObject({ status: 503 });
    outgoing.destroy();
    await idle();
  });
});

it('flows of a VIP come by bucket, in binary form', async () => {
  const { status, raw } = await test.send('GET', '/v1/vips/90.0.0.0%2F8/flow-buckets', { token: test.reader });
  expect([status, raw.headers['content-type']]).toEqual([200, 'application/octet-stream']);
  expect(decodeFlowBuckets(raw.rawPayload)).toEqual(await test.balancer.flowBuckets({ prefix: '90.0.0.0/8' }));
  expect((await test.send('GET', '/v1/vips/99.0.0.0%2F8/flow-buckets')).status).toBe(404);
});
