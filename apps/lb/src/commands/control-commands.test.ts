import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runMain, TestFolder } from '../cli.testkit.js';
import { listenOnSocket } from '../daemon/control-socket.js';

const folder = new TestFolder();
const socket = folder.file('lb.sock');
let server: Server;
let requests: { route: string; body: unknown }[] = [];
let answer: { status: number; body: unknown };

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      requests.push({ route: `${request.method} ${request.url}`, body: text === '' ? null : JSON.parse(text) });
      response.writeHead(answer.status);
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  });
  await listenOnSocket(server, socket);
});
beforeEach(() => {
  requests = [];
  answer = { status: 200, body: { output: 'the text\n', json: [{ the: 'value' }], warnings: [] } };
});
afterAll(() => {
  server.close();
  folder.remove();
});

const run = (...words: string[]) => runMain(...words, '--socket', socket);

describe('a command line of the grammar', () => {
  it.each([
    ['conf ip4-src-address 10.0.0.1 timeout 60', 'lb conf ip4-src-address 10.0.0.1 timeout 60'],
    ['vip 90.0.0.0/8 encap gre4', 'lb vip 90.0.0.0/8 encap gre4'],
    ['vip 2004::/16 del', 'lb vip 2004::/16 del'],
    ['as 90.0.0.0/8 10.0.0.1 10.0.0.2 del flush', 'lb as 90.0.0.0/8 10.0.0.1 10.0.0.2 del flush'],
    ['set interface nat4 in eth0', 'lb set interface nat4 in eth0'],
    ['set vip 90.0.0.0/8 new_len 64 no check', 'lb set vip 90.0.0.0/8 new_len 64 no check'],
    ['conf no tcp-timeout', 'lb conf no tcp-timeout'],
    ['flush vip 90.0.0.0/8', 'lb flush vip 90.0.0.0/8'],
    ['show lb', 'show lb'],
    ['show lb vip verbose', 'show lb vip verbose'],
    ['show node counters', 'show node counters'],
  ])('%s', async (words, line) => {
    expect(await run(...words.split(' '))).toEqual({ status: 0, stdout: 'the text\n', stderr: '' });
    expect(requests).toEqual([{ route: 'POST /v1/exec', body: { lines: [line] } }]);
  });

  it('prints the answer to show as JSON', async () => {
    expect((await run('show', 'lb', '--json')).stdout).toBe('{"the":"value"}\n');
  });

  it('names what is wrong, without a place in a line that nobody sees', async () => {
    const problem = { code: 'LB_CFG_ENCAP', message: "encap must be one of …, got 'x'", line: 1, column: 9 };
    answer = { status: 400, body: { error: { ...problem, problems: [problem] } } };
    expect(await run('vip', '90.0.0.0/8', 'encap', 'x')).toEqual({
      status: 1,
      stdout: '',
      stderr: "lb vip: encap must be one of …, got 'x' (LB_CFG_ENCAP)\n",
    });
  });

  it('tells of warnings', async () => {
    const warning = { code: 'LB_LIVE_WARN_MTU', message: 'too long', hint: 'do something', line: 1, column: 2 };
    answer.body = { output: '', json: [], warnings: [warning] };
    expect(await run('vip', '90.0.0.0/8')).toMatchObject({
      status: 0,
      stderr: 'lb vip: warning: too long; do something (LB_LIVE_WARN_MTU)\n',
    });
  });
});

it('a note goes with the lines', async () => {
  await run('conf', 'timeout', '60', '--note', 'shorter');
  await run('exec', folder.write('one.lb', 'lb vip 90.0.0.0/8'), '--note', 'new');
  expect(requests.map(({ body }) => (body as { note: string }).note)).toEqual(['shorter', 'new']);
  expect((await run('show', 'lb', '--note', 'x')).stderr).toContain("unknown option '--note'");
});

describe('exec', () => {
  it('sends all lines of a file at once', async () => {
    const file = folder.write('changes.lb', 'lb vip 90.0.0.0/8', '', '# comment', 'show lb');
    expect((await run('exec', file, '--json')).stdout).toBe('[{"the":"value"}]\n');
    expect(requests[0]!.body).toEqual({ lines: ['lb vip 90.0.0.0/8', '', '# comment', 'show lb', ''] });
  });

  it('names file, line and column', async () => {
    const file = folder.write('wrong.lb', 'lb vip 90.0.0.0/8', 'lb pip');
    const problem = { code: 'LB_CFG_WORD', message: 'expected one of …', line: 2, column: 4 };
    answer = { status: 400, body: { error: { ...problem, problems: [problem] } } };
    expect((await run('exec', file)).stderr).toBe(`lb exec: ${file}:2:4: expected one of … (LB_CFG_WORD)\n`);
  });

  it('says when there is no such file', async () => {
    const { status, stderr } = await run('exec', folder.file('none'));
    expect(status).toBe(1);
    expect(stderr).toMatch(/^lb exec: cannot read .*none.*\(LB_CLI_USAGE\)\n$/);
  });
});

it('debug worker N kill is there, and not in the help', async () => {
  answer.body = {};
  expect((await run('debug', 'worker', '1', 'kill')).status).toBe(0);
  expect(requests).toEqual([{ route: 'POST /v1/debug/workers/1/kill', body: null }]);
  expect((await run('debug', 'worker', 'x')).stderr).toContain("expected 'worker <n> kill', got 'worker x'");
  const { stdout } = await runMain('--help');
  expect(stdout).not.toContain('debug');
  for (const name of ['conf', 'vip', 'as', 'set', 'flush', 'show', 'exec'])
    expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
});

describe('without a daemon', () => {
  it('says that none runs, and how to start one', async () => {
    const path = folder.file('nobody.sock');
    expect(await runMain('show', 'lb', '--socket', path)).toEqual({
      status: 1,
      stdout: '',
      stderr: `lb show: no daemon runs: there is no socket ${path}; start it with lb serve, or say where its socket is with --socket (LB_CLIENT_NOT_THERE)\n`,
    });
  });

  it('does not take another program for the daemon', async () => {
    answer = { status: 200, body: '<html>' };
    expect((await run('show', 'lb')).stderr).toContain('(LB_CLIENT_ANSWER)');
    answer = { status: 404, body: {} };
    expect((await run('show', 'lb')).stderr).toContain('the answer has status 404');
  });
});
