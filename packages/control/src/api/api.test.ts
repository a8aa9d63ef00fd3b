import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from './api.testkit.js';
import type { AuditEntry } from './contract/audit.js';
import { decodeBuckets } from './contract/buckets.js';
import type { FlowView } from './contract/flows.js';

let test: TestApi;
beforeEach(async () => {
  test = await TestApi.open();
});
afterEach(() => test.close());

const VIP = '/v1/vips/90.0.0.0%2F8';
const PORT_VIP = '/v1/vips/91.1.2.1%2F32,tcp,80';

function audit(): AuditEntry[] {
  const lines = readFileSync(test.auditFile, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as AuditEntry);
}

describe('configuration', () => {
  it('is given with its revision as ETag, and replaced by who names that', async () => {
    const got = await test.send('GET', '/v1/config');
    expect(got).toMatchObject({ status: 200, headers: { etag: '"1"' }, json: test.balancer.config });
    const body = { ...got.json, timeout: 60 };
    const put = await test.send('PUT', '/v1/config?note=longer%20flows', { body, headers: { 'if-match': '"1"' } });
    expect(put).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    expect(put.json.revision).toMatchObject({ number: 2, author: 'alice', note: 'longer flows' });
    expect(test.balancer.config.timeout).toBe(60);
  });

  it('is not replaced without If-Match, nor on the ground of an older revision', async () => {
    const body = test.balancer.config;
    const without = await test.send('PUT', '/v1/config', { body });
    expect(without).toMatchObject({ status: 428, json: { error: { code: 'LB_API_IF_MATCH' } } });
    await test.send('PATCH', '/v1/config', { body: { timeout: 50 } });
    const late = await test.send('PUT', '/v1/config', { body, headers: { 'if-match': '"1"' } });
    expect(late).toMatchObject({ status: 412, json: { error: { code: 'LB_STATE_CONFLICT', revision: 2 } } });
    expect(test.balancer.config.timeout).toBe(50);
    const odd = await test.send('PUT', '/v1/config', { body, headers: { 'if-match': '"x"' } });
    expect(odd).toMatchObject({ status: 400, json: { error: { code: 'LB_API_REQUEST' } } });
    const any = await test.send('PUT', '/v1/config', { body, headers: { 'if-match': '*' } });
    expect(any.status).toBe(200);
  });

  it('that is wrong is refused in the words of the model, with all places', async () => {
    const body = {
      ...test.balancer.config,
      timeout: 0,
      vips: [{ prefix: '90.0.0.0/8', ass: [{ adress: '10.0.0.1' }] }],
    };
    const { status, json } = await test.send('PUT', '/v1/config', { body, headers: { 'if-match': '"1"' } });
    expect(status).toBe(422);
    expect(json.error).toMatchObject({ code: 'LB_CFG_TIMEOUT', path: 'timeout' });
    expect(json.error.problems).toContainEqual(
      expect.objectContaining({ code: 'LB_CFG_UNKNOWN_KEY', path: 'vips[0].ass[0].adress', hint: expect.any(String) }),
    );
    expect(test.balancer.revisions.current.number).toBe(1);
  });

  it('has its settings patched; null brings a default back', async () => {
    await test.send('PATCH', '/v1/config', { body: { timeout: 90, ip4SrcAddress: null } });
    expect(test.balancer.config.timeout).toBe(90);
    expect(test.balancer.config).not.toHaveProperty('ip4SrcAddress');
    await test.send('PATCH', '/v1/config', {
      body: JSON.stringify({ timeout: null }),
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(test.balancer.config.timeout).toBe(40);
    const vips = await test.send('PATCH', '/v1/config', { body: { vips: [] } });
    expect(vips).toMatchObject({ status: 400, json: { error: { path: 'body.vips' } } });
    expect(test.balancer.config.vips).toHaveLength(2);
  });

  it('is planned without being applied: as a document, as lines, as a rollback', async () => {
    const config = { ...test.balancer.config, vips: test.balancer.config.vips.slice(1) };
    const byConfig = await test.send('POST', '/v1/plan', { body: { config }, token: test.reader });
    expect(byConfig.json).toEqual(JSON.parse(JSON.stringify(test.balancer.plan(config))));
    expect(byConfig.json.vips[0]).toMatchObject({
      vip: { prefix: '90.0.0.0/8' },
      change: 'removed',
      flows: { cut: 14 },
    });
    const byLines = await test.send('POST', '/v1/plan', { body: { lines: ['lb vip 90.0.0.0/8 del'] } });
    expect(byLines.json).toEqual(byConfig.json);
    await test.send('PATCH', '/v1/config', { body: { timeout: 90 } });
    const back = await test.send('POST', '/v1/plan', { body: { revision: 1 } });
    expect(back.json.changes).toEqual([expect.objectContaining({ path: 'timeout', from: 90, to: 40 })]);
    const both = await test.send('POST', '/v1/plan', { body: { config, revision: 1 } });
    expect(both.status).toBe(400);
    expect(test.balancer.revisions.current.number).toBe(2);
  });
});

it('a reader cannot have tables planned that keep the daemon busy', async () => {
  const vips = Array.from({ length: 5 }, (_, n) => ({ prefix: `7${n}.0.0.0/8`, newLen: 2 ** 22 }));
  const planned = await test.send('POST', '/v1/plan', { body: { config: { vips } }, token: test.reader });
  expect(planned).toMatchObject({ status: 403, json: { error: { code: 'LB_API_PLAN_SIZE' } } });
});

it('what is asked for in vain is refused, not ignored', async () => {
  const { status, json } = await test.send('GET', '/v1/config?revision=1');
  expect([status, json.error.path]).toEqual([400, 'query.revision']);
});

describe('command lines', () => {
  it('are carried out, all or none, and answered as the CLI needs it', async () => {
    const lines = ['lb as 90.0.0.0/8 10.0.0.9', 'show lb vip'];
    const { status, json } = await test.send('POST', '/v1/exec', { body: { lines, note: 'one more' } });
    expect(status).toBe(200);
    expect(json).toEqual({ output: 'shown\n', json: [{ shown: true }], warnings: [], revision: 2 });
    expect(test.balancer.revisions.current).toMatchObject({ author: 'alice', note: 'one more' });
    const wrong = await test.send('POST', '/v1/exec', {
      body: { lines: ['lb conf timeout 7', 'lb as 90.0.0.0/8 del'] },
    });
    expect(wrong).toMatchObject({ status: 422, json: { error: { line: 2, column: expect.any(Number) } } });
    expect(test.balancer.config.timeout).toBe(40);
  });

  it('a reader may send show lines only', async () => {
    const show = await test.send('POST', '/v1/exec', { body: { lines: ['show lb', '# mine'] }, token: test.reader });
    expect(show.status).toBe(200);
    const lines = ['show lb', 'lb conf timeout 7'];
    const conf = await test.send('POST', '/v1/exec', { body: { lines }, token: test.reader });
    expect(conf).toMatchObject({ status: 403, json: { error: { code: 'LB_API_ROLE' } } });
    expect(test.balancer.config.timeout).toBe(40);
  });

  it('have no line breaks', async () => {
    const { status, json } = await test.send('POST', '/v1/exec', { body: { lines: ['show lb\nlb conf timeout 7'] } });
    expect([status, json.error.path]).toEqual([400, 'body.lines[0]']);
  });
});

describe('VIPs and ASs', () => {
  it('are added, changed in place and removed', async () => {
    const added = await test.send('POST', '/v1/vips', { body: { prefix: '92.0.0.1', ass: [{ address: '10.0.0.4' }] } });
    expect(added).toMatchObject({ status: 201, headers: { etag: '"2"' } });
    await test.send('PATCH', '/v1/vips/92.0.0.1%2F32', { body: { newLen: 64, check: { type: 'http', port: 80 } } });
    await test.send('PATCH', '/v1/vips/92.0.0.1%2F32', { body: { check: { interval: 5, port: 81 } } });
    const got = await test.send('GET', '/v1/vips/92.0.0.1%2F32');
    expect(got.json).toMatchObject({ newLen: 64, check: { type: 'http', port: 81, interval: 5 } });
    await test.send('PATCH', '/v1/vips/92.0.0.1%2F32', { body: { check: null } });
    expect(test.balancer.config.vips[2]).not.toHaveProperty('check');
    await test.send('POST', '/v1/vips/92.0.0.1%2F32/ass', { body: { address: '10.0.0.5', weight: 10 } });
    await test.send('PATCH', '/v1/vips/92.0.0.1%2F32/ass/10.0.0.5', { body: { state: 'draining', weight: null } });
    expect(test.balancer.config.vips[2]!.ass[1]).toMatchObject({ address: '10.0.0.5', weight: 100, state: 'draining' });
    await test.send('DELETE', '/v1/vips/92.0.0.1%2F32/ass/10.0.0.4');
    expect(test.balancer.config.vips[2]!.ass).toHaveLength(1);
    const removed = await test.send('DELETE', '/v1/vips/92.0.0.1%2F32?note=gone', { headers: { 'if-match': '"8"' } });
    expect(removed.json.revision).toMatchObject({ number: 9, note: 'gone' });
    expect(test.balancer.config.vips).toHaveLength(2);
  });

  it('keep their names, and what a patch does not name', async () => {
    for (const body of [{ prefix: '1.0.0.0/8' }, { port: 81 }, { protocol: null }, { ass: [] }]) {
      expect((await test.send('PATCH', PORT_VIP, { body })).status).toBe(400);
    }
    const address = await test.send('PATCH', `${VIP}/ass/10.0.0.1`, { body: { address: '10.0.0.7' } });
    expect(address.status).toBe(400);
    const unknown = await test.send('PATCH', VIP, { body: { newlen: 64 } });
    expect(unknown.json.error).toMatchObject({ code: 'LB_CFG_UNKNOWN_KEY', path: 'vips[0].newlen' });
    expect(test.balancer.revisions.current.number).toBe(1);
  });

  it('that do not exist, or are no VIPs at all', async () => {
    const missing = await test.send('GET', '/v1/vips/91.1.2.1%2F32,tcp,81');
    expect(missing).toMatchObject({ status: 404, json: { error: { code: 'LB_API_NOT_FOUND' } } });
    expect(missing.json.error.hint).toContain('91.1.2.1/32,tcp,80');
    expect((await test.send('PATCH', '/v1/vips/8.0.0.0%2F8', { body: {} })).status).toBe(404);
    expect((await test.send('GET', '/v1/vips/here')).status).toBe(400);
    expect((await test.send('PATCH', `${VIP}/ass/10.0.0.77`, { body: {} })).status).toBe(404);
    expect((await test.send('PATCH', `${VIP}/ass/there`, { body: {} })).status).toBe(400);
  });

  it('are flushed', async () => {
    await test.send('POST', `${PORT_VIP}/flush`);
    await test.send('POST', `${VIP}/ass/10.0.0.1/flush`);
    await test.send('DELETE', `${VIP}/ass/10.0.0.2?flush=true`);
    expect(test.balancer.flushed).toEqual(['91.1.2.1/32 tcp 80', '90.0.0.0/8 as 10.0.0.1', '90.0.0.0/8']);
    expect(test.balancer.config.vips[0]!.ass).toHaveLength(1);
  });

  it('are listed with states and counters', async () => {
    const { json } = await test.send('GET', '/v1/vips', { token: test.reader });
    expect(json.map(({ id }: { id: string }) => id)).toEqual(['90.0.0.0/8', '91.1.2.1/32,tcp,80']);
    expect(json[0].ass[1]).toMatchObject({ weight: 50, effectiveWeight: 50, state: 'enabled', health: 'unknown' });
  });

  it('have their buckets in binary form', async () => {
    const { raw } = await test.send('GET', `${VIP}/buckets`, { token: test.reader });
    expect(raw.headers['content-type']).toBe('application/octet-stream');
    expect(decodeBuckets(raw.rawPayload)).toEqual(test.balancer.buckets({ prefix: '90.0.0.0/8' }));
  });
});

describe('revisions', () => {
  it('are listed, read, compared and rolled back to', async () => {
    for (const timeout of [50, 60, 70]) await test.send('PATCH', '/v1/config', { body: { timeout } });
    const list = await test.send('GET', '/v1/revisions?before=4&limit=2');
    expect(list.json.revisions.map(({ number }: { number: number }) => number)).toEqual([3, 2]);
    expect((await test.send('GET', '/v1/revisions/2')).json).toMatchObject({ number: 2, config: { timeout: 50 } });
    const diff = await test.send('GET', '/v1/revisions/2/diff/4');
    expect(diff.json.changes).toEqual([expect.objectContaining({ path: 'timeout', from: 50, to: 70 })]);
    expect((await test.send('POST', '/v1/revisions/2/rollback')).status).toBe(428);
    const back = await test.send('POST', '/v1/revisions/2/rollback', { headers: { 'if-match': '"4"' } });
    expect(back.json.revision).toMatchObject({ number: 5, note: 'rollback to revision 2' });
    expect(test.balancer.config.timeout).toBe(50);
    expect(await test.send('GET', '/v1/revisions/99')).toMatchObject({ status: 404 });
  });
});

describe('what is live', () => {
  it('flows are filtered and paged', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { json } = await test.send('GET', `/v1/flows?vip=90.0.0.0%2F8&limit=5${cursor && `&cursor=${cursor}`}`);
      seen.push(...json.flows.map(({ as, clientPort }: { as: string; clientPort: number }) => `${as} ${clientPort}`));
      cursor = json.cursor ?? '';
    } while (cursor !== '');
    expect([seen.length, new Set(seen).size]).toEqual([14, 14]);
    const { json } = await test.send('GET', '/v1/flows?state=opening');
    expect(json.flows.map(({ clientPort, state }: FlowView) => [clientPort, state])).toEqual(
      Array(3).fill([1000, 'opening']),
    );
    expect((await test.send('GET', '/v1/flows?state=open')).status).toBe(400);
    expect((await test.send('GET', '/v1/flows?limit=0')).status).toBe(400);
    expect((await test.send('GET', '/v1/flows?limit=99999')).status).toBe(400);
    expect((await test.send('GET', '/v1/flows?client=nobody')).status).toBe(400);
    const unknown = await test.send('GET', '/v1/flows?vop=x');
    expect(unknown.json.error).toMatchObject({ code: 'LB_API_REQUEST', path: 'query.vop' });
  });

  it('one flow is looked up and explained', async () => {
    const query = `flow=${encodeURIComponent('198.51.100.1:1 > 90.0.0.1:80/tcp')}`;
    expect((await test.send('GET', `/v1/flow?${query}`)).json.entry).toBeNull();
    expect((await test.send('GET', `/v1/explain?${query}`)).json.verdict).toBe('forward');
    expect(await test.send('GET', '/v1/explain?flow=x')).toMatchObject({
      status: 400,
      json: { error: { code: 'LB_CLI_FLOW' } },
    });
  });

  it('a packet is explained, byte by byte', async () => {
    const explain = (body: object) => test.send('POST', '/v1/explain', { token: test.reader, body });
    expect((await explain({ packet: '0200000000AA' })).json.before).toEqual({ bytes: 6, hex: '0200000000aa' });
    for (const packet of ['', '0', 'xy', '02 00', '00'.repeat(65_558)]) {
      const { status, json } = await explain({ packet });
      expect([status, json.error.path]).toEqual([400, 'body.packet']);
    }
    expect((await explain({ packet: '00'.repeat(65_557) })).status).toBe(200);
  });

  it('a worker is ended', async () => {
    expect((await test.send('POST', '/v1/debug/workers/0/kill')).json).toEqual({});
    expect((await test.send('POST', '/v1/debug/workers/7/kill')).status).toBe(400);
    expect(test.balancer.killed).toEqual([0]);
  });

  it('events are read from where one was', async () => {
    const before = test.balancer.events.lastId;
    await test.send('PATCH', '/v1/config', { body: { timeout: 50 } });
    const { json } = await test.send('GET', `/v1/events?after=${before}`, { token: test.reader });
    expect(json).toMatchObject({ missed: false, events: [{ id: before + 1, type: 'revision', number: 2 }] });
  });
});

describe('audit log', () => {
  it('names who changed what, with the revisions, and what was refused', async () => {
    await test.send('PATCH', '/v1/config?note=slow', { body: { timeout: 50 } });
    await test.send('PATCH', '/v1/config', { body: { timeout: 0 } });
    await test.send('PATCH', '/v1/config', { body: { timeout: 9 }, token: test.reader });
    await test.send('POST', '/v1/exec', { body: { lines: ['show lb'] } });
    await test.send('POST', '/v1/plan', { body: { lines: [] } });
    await test.send('GET', '/v1/config');
    expect(audit()).toEqual([
      expect.objectContaining({
        author: 'alice',
        action: 'patchConfig',
        status: 200,
        before: 1,
        after: 2,
        note: 'slow',
        detail: { timeout: 50 },
      }),
      expect.objectContaining({ author: 'alice', status: 422, code: 'LB_CFG_TIMEOUT', before: 2, after: 2 }),
      expect.objectContaining({ author: 'grafana', role: 'read', status: 403, code: 'LB_API_ROLE', after: 2 }),
    ]);
  });
});

describe('requests that nobody can serve', () => {
  it('to other paths and by other methods', async () => {
    expect(await test.send('GET', '/v2')).toMatchObject({ status: 404, json: { error: { code: 'LB_API_ROUTE' } } });
    const post = await test.send('POST', '/v1/config');
    expect(post).toMatchObject({ status: 405, headers: { allow: 'GET, PUT, PATCH' } });
  });

  it('with bodies that are no JSON, poisoned, of another type, or too large', async () => {
    const json = { 'content-type': 'application/json' };
    const send = (body: string, headers: Record<string, string> = json) =>
      test.send('POST', '/v1/exec', { body, headers });
    expect(await send('{')).toMatchObject({ status: 400, json: { error: { code: 'LB_API_BODY' } } });
    expect(await send('{"__proto__":{"a":1}}')).toMatchObject({
      status: 400,
      json: { error: { code: 'LB_API_BODY' } },
    });
    const deep = await send(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
    expect(deep).toMatchObject({ status: 400, json: { error: { code: 'LB_API_BODY', path: 'body' } } });
    expect(await send('x', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    expect(await send(`{"lines":["${'x'.repeat(5_000_000)}"]}`)).toMatchObject({ status: 413 });
  });

  it('because of an error of ours: an event, a line in the log, and nothing told', async () => {
    test.balancer.status = () => {
      throw new TypeError('secret');
    };
    const { status, json, raw } = await test.send('GET', '/v1/status');
    expect([status, json.error.code]).toEqual([500, 'LB_API_BUG']);
    expect(raw.body).not.toContain('secret');
    expect(test.balancer.events.latest(1).events).toEqual([
      expect.objectContaining({
        type: 'api-error',
        status: 500,
        requestId: json.error.requestId,
        route: 'GET /v1/status',
      }),
    ]);
    expect(test.failures).toEqual([expect.objectContaining({ error: expect.stringContaining('secret') })]);
  });
});
