import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from '../api/api.testkit.js';
import { Api } from '../api/index.js';
import { makeCertificate } from '../api/wire.testkit.js';
import { ConfigError } from '../errors.js';
import { LbClient, type StreamItem } from './index.js';

let test: TestApi;
const clients: LbClient[] = [];
beforeEach(async () => {
  test = await TestApi.open();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await test.close();
});

async function unixClient(author?: string): Promise<LbClient> {
  const socketPath = await test.listen();
  return track(new LbClient({ socketPath, ...(author && { author }) }));
}

function track(client: LbClient): LbClient {
  clients.push(client);
  return client;
}

describe('over the Unix socket', () => {
  it('reads, changes and explains, with the types of the contract', async () => {
    const client = await unixClient('erin');
    const { config, revision } = await client.config();
    expect([config, revision]).toEqual([test.balancer.config, 1]);
    const changed = await client.putConfig({ ...config, timeout: 50 }, revision, 'longer');
    expect(changed.revision).toMatchObject({ number: 2, author: 'erin', note: 'longer' });
    const patched = await client.call('patchVip', { params: { vip: '90.0.0.0/8' }, body: { newLen: 64 }, ifMatch: 2 });
    expect(patched.revision.number).toBe(3);
    expect((await client.exec(['show lb'])).output).toBe('shown\n');
    expect((await client.plan({ lines: ['lb vip 90.0.0.0/8 del'] })).vips[0]!.change).toBe('removed');
    expect((await client.status()).revision).toBe(3);
    expect((await client.counters()).vips[0]!.newLen).toBe(64);
    expect(await client.metrics()).toContain('lb_config_revision 3');
    const vip = { prefix: '91.1.2.1/32', protocol: 'tcp', port: 80 } as const;
    expect(await client.buckets(vip)).toEqual(test.balancer.buckets(vip));
    const flows: number[] = [];
    for await (const { clientPort } of client.flows({ as: '10.0.0.3', limit: 3 })) flows.push(clientPort!);
    expect(flows).toEqual([1000, 1001, 1002, 1003, 1004, 1005, 1006]);
    expect(await client.events()).toEqual(test.balancer.events.latest(10).events);
  });

  it('traces and captures packets, and tells flows by bucket', async () => {
    const client = await unixClient();
    const { records, missed } = await client.trace({ count: 2, client: '198.51.100.0/24' });
    expect([records.map(({ sourcePort }) => sourcePort), missed]).toEqual([[1000, 1001], 3]);
    const capture = await client.capture({ count: 1 });
    const chunks: Uint8Array[] = [];
    for await (const chunk of capture) chunks.push(chunk);
    expect(Buffer.concat(chunks).subarray(0, 4).toString('hex')).toBe('0a0d0d0a');
    expect(capture.missed).toBe(3);
    const vip = { prefix: '90.0.0.0/8' };
    expect(await client.flowBuckets(vip)).toEqual(await test.balancer.flowBuckets(vip));
  });

  it('a capture ends quietly with its signal, and with an error when the daemon is gone', async () => {
    const client = await unixClient();
    test.balancer.endless = true;
    const end = new AbortController();
    const capture = await client.capture({}, { signal: end.signal });
    for await (const chunk of capture) if (chunk.length > 0) end.abort();
    expect(capture.missed).toBeUndefined();
    while (test.balancer.capturing > 0) await new Promise(setImmediate);
    const broken = async () => {
      for await (const chunk of await client.capture()) if (chunk.length > 0) await test.api.close();
    };
    await expect(broken()).rejects.toMatchObject({ code: 'LB_CLIENT_NOT_THERE' });
  });

  it('refusals come with code, place and hint', async () => {
    const client = await unixClient();
    const wrong = await client
      .exec(['lb conf timeout 50', 'lb as 90.0.0.0/8 10.0.0.9 wieght 5'])
      .catch((error) => error);
    expect(wrong).toBeInstanceOf(ConfigError);
    expect(wrong.problems[0]).toMatchObject({ line: 2, column: 27, hint: "did you mean 'weight'?" });
    const late = await client.putConfig({}, 7).catch((error) => error);
    expect(late).toMatchObject({ code: 'LB_STATE_CONFLICT', status: 412, revision: 1 });
    const missing = client.call('getVip', { params: { vip: '91.1.2.1/32,tcp,81' } });
    await expect(missing).rejects.toMatchObject({ code: 'LB_API_NOT_FOUND', status: 404, hint: expect.any(String) });
  });

  it('no daemon, or something else that answers', async () => {
    const none = track(new LbClient({ socketPath: `${test.folder}/none.sock` }));
    await expect(none.status()).rejects.toMatchObject({ code: 'LB_CLIENT_NOT_THERE' });
    const other = createServer((_, response) => response.end('hello'));
    const socketPath = `${test.folder}/other.sock`;
    await new Promise<void>((resolve) => other.listen(socketPath, resolve));
    const client = track(new LbClient({ socketPath }));
    await expect(client.status()).rejects.toMatchObject({ code: 'LB_CLIENT_ANSWER' });
    other.closeAllConnections();
    other.close();
  });

  it('one that says nothing is not waited for without end', async () => {
    const silent = createServer(() => {});
    const socketPath = `${test.folder}/silent.sock`;
    await new Promise<void>((resolve) => silent.listen(socketPath, resolve));
    const client = track(new LbClient({ socketPath }, { timeoutMs: 50 }));
    await expect(client.status()).rejects.toMatchObject({ code: 'LB_CLIENT_TIMEOUT' });
    silent.closeAllConnections();
    silent.close();
  });
});

describe('over TLS', () => {
  async function listen(name?: string): Promise<{ url: string; cert: string }> {
    const files = makeCertificate(test.folder, name);
    const port = await test.api.listen({ address: '127.0.0.1:0', tls: files });
    return { url: `https://127.0.0.1:${port}`, cert: readFileSync(files.cert, 'utf8') };
  }

  it('the certificate is trusted by what signed it, or by its fingerprint, and else not', async () => {
    const { url, cert } = await listen();
    const token = test.reader;
    expect((await track(new LbClient({ url, token, ca: cert })).status()).revision).toBe(1);
    const fingerprint = createHash('sha256').update(new X509Certificate(cert).raw).digest('hex');
    const pinned = track(new LbClient({ url, token, fingerprint }));
    expect((await pinned.status()).revision).toBe(1);
    expect((await pinned.counters()).vips).toHaveLength(2);
    await expect(track(new LbClient({ url, token })).status()).rejects.toMatchObject({ code: 'LB_CLIENT_TLS' });
    const other = readFileSync(makeCertificate(test.folder, 'other').cert, 'utf8');
    await expect(track(new LbClient({ url, token, ca: other })).status()).rejects.toMatchObject({
      code: 'LB_CLIENT_TLS',
    });
  });

  it('the token goes to no other certificate than the one expected', async () => {
    const { url } = await listen();
    const client = track(new LbClient({ url, token: test.reader, fingerprint: 'ab'.repeat(32) }));
    await expect(client.status()).rejects.toMatchObject({ code: 'LB_CLIENT_TLS' });
    const metrics = await test.send('GET', '/metrics');
    expect(metrics.raw.body).not.toContain('operation="getStatus"');
  });

  it('endpoints that would give the token away, or are none, are refused', () => {
    for (const url of ['http://lb1.example.net:80', 'ftp://127.0.0.1', 'lb1']) {
      const make = () => new LbClient({ url, token: 'lbt_x' });
      expect(make).toThrow(expect.objectContaining({ code: 'LB_CLIENT_ENDPOINT' }));
    }
    const odd = () => new LbClient({ url: 'https://127.0.0.1', token: 'lbt_x', fingerprint: 'abc' });
    expect(odd).toThrow(expect.objectContaining({ code: 'LB_CLIENT_ENDPOINT' }));
  });
});

describe('stream', () => {
  /** The next item of a kind. */
  async function next<T extends StreamItem['type']>(
    stream: AsyncGenerator<StreamItem, void>,
    type: T,
  ): Promise<Extract<StreamItem, { type: T }>> {
    for (;;) {
      const { value, done } = await stream.next();
      if (done) throw new Error('the stream has ended');
      if (value.type === type) return value as Extract<StreamItem, { type: T }>;
    }
  }

  it('brings counters at the rate asked for, and events as they come', async () => {
    const client = await unixClient();
    const stop = new AbortController();
    const stream = client.stream({ interval: 100, signal: stop.signal });
    expect((await next(stream, 'counters')).counters.vips).toHaveLength(2);
    expect((await next(stream, 'counters')).counters.revision).toBe(1);
    await client.exec(['lb conf timeout 50']);
    expect((await next(stream, 'event')).event).toMatchObject({ type: 'revision', number: 2 });
    stop.abort();
    expect((await stream.next()).done).toBe(true);
  });

  it('goes on after a lost connection where it was, without a gap', async () => {
    const client = await unixClient();
    const stop = new AbortController();
    const stream = client.stream({ signal: stop.signal });
    await next(stream, 'connected');
    await client.exec(['lb conf timeout 50']);
    expect((await next(stream, 'event')).event).toMatchObject({ number: 2 });
    await test.api.close();
    const lost = next(stream, 'lost');
    // What happens while nobody is connected.
    await test.balancer.change((config) => ({ ...config, timeout: 60 }), { author: 'x' });
    expect(await lost).toMatchObject({ retryMs: 1000 });
    const { balancer, log } = test;
    const again = await Api.create(balancer, { log, version: '0' });
    const server = again.unixServer();
    await new Promise<void>((resolve) => server.listen(test.socketPath, resolve));
    expect((await next(stream, 'event')).event).toMatchObject({ number: 3 });
    stop.abort();
    await stream.next();
    await again.close();
  });

  it('ends when its token is void', async () => {
    const port = await test.api.listen({ address: '127.0.0.1:0' });
    const client = track(new LbClient({ url: `http://127.0.0.1:${port}`, token: test.reader }));
    const stream = client.stream({ interval: 60_000 });
    await next(stream, 'counters');
    test.tokens.revoke('grafana');
    await next(stream, 'lost');
    await expect(next(stream, 'connected')).rejects.toMatchObject({ code: 'LB_API_TOKEN', status: 401 });
  });
});
