import { afterAll, beforeAll, expect, it } from 'vitest';
import type * as z from 'zod';
import { TestApi } from './api.testkit.js';
import { errorAnswerSchema } from './contract/problem.js';
import type { Route } from './contract/route.js';
import { ROUTES, type RouteName } from './contract/routes.js';
import { wire } from './wire.testkit.js';

let test: TestApi;
let description: {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};
interface Operation {
  operationId: string;
  parameters?: { name: string; in: string; required?: boolean; schema: unknown }[];
  requestBody?: { content: Record<string, { schema: unknown }> };
  responses: Record<string, { content: Record<string, { schema: unknown }> }>;
}

beforeAll(async () => {
  test = await TestApi.open();
  description = (await test.send('GET', '/openapi.json', { token: test.reader })).json;
});
afterAll(() => test.close());

it('describes every operation that is served, and no other', () => {
  const described = Object.entries(description.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { operationId }]) => `${operationId} ${method} ${path}`),
  );
  const served = Object.entries(ROUTES).map(
    ([name, { method, path }]) => `${name} ${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`,
  );
  expect(described.sort()).toEqual(served.sort());
  // The table is what is served: nothing is behind the description's back.
  for (const { method, path } of Object.values(ROUTES)) expect(test.api.app.hasRoute({ method, url: path })).toBe(true);
  expect(test.api.app.printRoutes({ commonPrefix: false }).match(/\(/g)).toHaveLength(
    new Set(Object.values(ROUTES).map(({ path }) => path)).size,
  );
});

it('every parameter and body is in it, and every reference leads somewhere', () => {
  for (const [name, route] of Object.entries(ROUTES) as [RouteName, Route][]) {
    const operation = description.paths[route.path.replace(/:(\w+)/g, '{$1}')]![route.method.toLowerCase()]!;
    const names = (operation.parameters ?? []).map((parameter) => parameter.name).sort();
    const wanted = [
      ...Object.keys(route.params?.shape ?? {}),
      ...Object.keys(route.query?.shape ?? {}),
      ...(route.ifMatch ? ['if-match'] : []),
    ];
    expect([name, names]).toEqual([name, wanted.sort()]);
    expect([name, operation.requestBody !== undefined]).toEqual([name, route.body !== undefined]);
    expect(Object.keys(operation.responses).sort()).toEqual([`${route.status ?? 200}`, 'default']);
  }
  const references = JSON.stringify(description).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
  const names = new Set([...references].map(([, name]) => name!));
  expect(names.size).toBeGreaterThan(10);
  for (const name of names) expect(description.components.schemas).toHaveProperty([name]);
});

it('carries the texts of the model, for forms', () => {
  const { schema } = description.paths['/v1/vips']!.post!.requestBody!.content['application/json']!;
  expect(JSON.stringify(schema)).toContain('buckets of the new-flow table');
});

/** A request for each operation, in an order in which each can be answered well. */
const EXAMPLES: Record<RouteName, readonly [string, { body?: unknown; ifMatch?: string }?]> = {
  openapi: ['/openapi.json'],
  metrics: ['/metrics'],
  getStatus: ['/v1/status'],
  getCounters: ['/v1/counters'],
  getHealth: ['/v1/health'],
  getWorkers: ['/v1/workers'],
  listFlows: ['/v1/flows?limit=3&client=198.51.100.0%2F24&as=10.0.0.1'],
  lookupFlow: ['/v1/flow?flow=198.51.100.1:1%20%3E%2090.0.0.1:80%2Ftcp'],
  explain: ['/v1/explain?flow=198.51.100.1:1%20%3E%2090.0.0.1:80%2Ftcp'],
  explainPacket: ['/v1/explain', { body: { packet: '020000000002' } }],
  getConfig: ['/v1/config'],
  plan: ['/v1/plan', { body: { lines: ['lb vip 90.0.0.0/8 del'] } }],
  exec: ['/v1/exec', { body: { lines: ['lb conf timeout 41', 'show lb'] } }],
  putConfig: ['/v1/config', { body: { vips: [{ prefix: '90.0.0.0/8' }] }, ifMatch: '*' }],
  patchConfig: ['/v1/config', { body: { timeout: 42 } }],
  listVips: ['/v1/vips'],
  getVip: ['/v1/vips/90.0.0.0%2F8'],
  addVip: ['/v1/vips', { body: { prefix: '2004::/16', encap: 'gre6', check: { type: 'icmp' } } }],
  patchVip: ['/v1/vips/2004::%2F16', { body: { newLen: 64 } }],
  addAs: ['/v1/vips/2004::%2F16/ass', { body: { address: '2001::2' } }],
  patchAs: ['/v1/vips/2004::%2F16/ass/2001::2', { body: { weight: 3 } }],
  buckets: ['/v1/vips/2004::%2F16/buckets'],
  flowBuckets: ['/v1/vips/2004::%2F16/flow-buckets'],
  flushAs: ['/v1/vips/2004::%2F16/ass/2001::2/flush'],
  flushVip: ['/v1/vips/2004::%2F16/flush'],
  deleteAs: ['/v1/vips/2004::%2F16/ass/2001::2?flush=false'],
  deleteVip: ['/v1/vips/2004::%2F16'],
  listRevisions: ['/v1/revisions'],
  getRevision: ['/v1/revisions/1'],
  diffRevisions: ['/v1/revisions/1/diff/2'],
  rollback: ['/v1/revisions/1/rollback', { ifMatch: '*' }],
  listEvents: ['/v1/events'],
  trace: ['/v1/trace', { body: { count: 2, client: '198.51.100.0/24' } }],
  capture: ['/v1/capture', { body: { count: 2, verdict: 'forward' } }],
  killWorker: ['/v1/debug/workers/0/kill'],
  stream: ['/v1/stream'],
  listTokens: ['/v1/tokens'],
  createToken: ['/v1/tokens', { body: { name: 'bob', role: 'read' } }],
  rotateToken: ['/v1/tokens/bob/rotate'],
  revokeToken: ['/v1/tokens/bob'],
};

it('answers are as described, refusals too', async () => {
  const socketPath = await test.listen();
  for (const [name, [url, { body, ifMatch } = {}]] of Object.entries(EXAMPLES) as [
    RouteName,
    (typeof EXAMPLES)['plan'],
  ][]) {
    const route: Route = ROUTES[name];
    const { method, response } = route;
    if (response === 'text/event-stream') continue;
    const headers = ifMatch === undefined ? {} : { 'if-match': ifMatch };
    const answer = await wire({ socketPath, method, path: url, headers }, body);
    expect([name, answer.status, answer.text.slice(0, 200)]).toEqual([name, route.status ?? 200, expect.anything()]);
    if (typeof response === 'string') expect(answer.headers['content-type']).toContain(response);
    else expectDescribed(name, response, JSON.parse(answer.text));
  }
  for (const answer of [
    await test.send('GET', '/v1/revisions/77'),
    await test.send('PUT', '/v1/config', { body: {}, headers: { 'if-match': '"1"' } }),
    await test.send('POST', '/v1/exec', { body: { lines: ['lb vip'] } }),
    await test.send('POST', '/v1/exec', { token: '' }),
  ]) {
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expectDescribed('error', errorAnswerSchema, answer.json);
  }
});

/** An answer fits its schema and has no key that the schema does not name: those would be gone from the result. */
function expectDescribed(name: string, schema: z.ZodType, answer: unknown): void {
  const { data, error } = schema.safeParse(answer);
  expect([name, error]).toEqual([name, undefined]);
  expect([name, data]).toEqual([name, answer]);
}
