import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../schema.js';
import { parseYamlConfig } from '../yaml.js';
import { Api, type ApiOptions } from './api.js';
import { AuditLog } from './audit-log.js';
import { MemoryBalancer } from './balancer.testkit.js';
import type { ApiLog } from './log.js';
import { TokenStore } from './token-store.js';

/** Two VIPs, one of them checked, with three ASs in all. */
export const SAMPLE: Config = parseYamlConfig(`
ip4SrcAddress: 192.0.2.254
vips:
  - prefix: 90.0.0.0/8
    newLen: 256
    ass: [{ address: 10.0.0.1 }, { address: 10.0.0.2, weight: 50 }]
  - prefix: 91.1.2.1/32
    protocol: tcp
    port: 80
    encap: gre4
    check: { type: tcp }
    ass: [{ address: 10.0.0.3 }]
`).config;

/** An API over a double, with tokens, an audit log and a Unix socket; `close` removes all of it. */
export class TestApi {
  readonly failures: object[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'lb-api-'));
  readonly tokens = TokenStore.open(join(this.folder, 'tokens.json'));
  readonly auditFile = join(this.folder, 'audit.log');
  readonly socketPath = join(this.folder, 'lb.sock');
  readonly admin = this.tokens.create('alice', 'admin').token;
  readonly reader = this.tokens.create('grafana', 'read').token;
  readonly log: ApiLog = {
    info: () => {},
    warn: () => {},
    error: (values, message) => this.failures.push({ ...values, message }),
  };

  private constructor(readonly balancer: MemoryBalancer) {}

  private made: Api | undefined;

  /** @param audited whether there is an audit log */
  static async open(options: Partial<ApiOptions> = {}, audited = true): Promise<TestApi> {
    const test = new TestApi(await MemoryBalancer.open(SAMPLE));
    test.made = await Api.create(test.balancer, {
      log: test.log,
      version: '0.1.0',
      tokens: test.tokens,
      ...(audited && { audit: new AuditLog(test.auditFile) }),
      ...options,
    });
    return test;
  }

  get api(): Api {
    return this.made!;
  }

  /** Listens on the Unix socket. */
  async listen(): Promise<string> {
    const server = this.api.unixServer();
    server.listen(this.socketPath);
    await once(server, 'listening');
    return this.socketPath;
  }

  /** A request as one over TCP, by default with the token of an administrator. */
  async send(
    method: string,
    url: string,
    {
      token = this.admin,
      body,
      headers = {},
    }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ) {
    const response = await this.api.app.inject({
      method: method as 'GET',
      url,
      headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
      ...(body !== undefined && { payload: body as object }),
    });
    const isJson = `${response.headers['content-type']}`.startsWith('application/json');
    return {
      status: response.statusCode,
      headers: response.headers,
      raw: response,
      json: isJson ? response.json() : null,
    };
  }

  async close(): Promise<void> {
    await this.made?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
