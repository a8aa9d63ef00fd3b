import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { builtProgram, runMain, TestFolder } from './cli.testkit.js';
import { COMMAND_NAMES } from './command-list.js';
import { main } from './main.js';

const folder = new TestFolder();
afterAll(() => folder.remove());
const good = folder.write('good.lb', 'lb vip 90.0.0.0/8', 'lb as 90.0.0.0/8 10.0.0.1');

/** Exit status 1, nothing on stdout, one line on stderr. */
async function failureOf(...argv: string[]): Promise<string> {
  const { status, stdout, stderr } = await runMain(...argv);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^[^\n]+\n$/);
  return stderr.trimEnd();
}

describe('help', () => {
  it.each([[['--help']], [['help']]])('%s names every command', async (argv) => {
    const { status, stdout, stderr } = await runMain(...argv);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const name of COMMAND_NAMES) expect(stdout).toContain(`\n  ${name} `);
  });

  it.each(COMMAND_NAMES)('of %s has an example', async (name) => {
    const { status, stdout } = await runMain(name, '--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`\\nExample:\\n {2}lb ${name} `));
    expect((await runMain('help', name)).stdout).toBe(stdout);
  });

  it('names the version', async () => {
    expect(await runMain('--version')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});

describe('a command loads what it needs', () => {
  /** Files that a run of the built program loads. */
  function loadedBy(...words: string[]): string {
    const hooks = `import { writeSync } from 'node:fs';
      export async function load(url, context, next) { writeSync(2, url + '\\n'); return next(url, context); }`;
    const register = `import { register } from 'node:module';
      register('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(hooks))});`;
    const argv = ['--import', `data:text/javascript,${encodeURIComponent(register)}`, builtProgram(), ...words];
    return spawnSync(process.execPath, argv, { encoding: 'utf8' }).stderr;
  }

  it('and not the API server, the engine of serve or other commands', () => {
    const loaded = loadedBy('show', 'lb', '--socket', folder.file('none.sock'));
    expect(loaded).toMatch(/LB_CLIENT_NOT_THERE/);
    expect(loaded).toMatch(/dist\/commands\/control-commands\.js$/m);
    expect(loaded.match(/dist\/commands\/(?!control-commands).*$/m)).toBeNull();
    for (const part of [/\/fastify\//, /\/pino\//, /\/control\/dist\/api\/api\.js/, /\/lb\/dist\/daemon\/daemon\.js/]) {
      expect(loaded).not.toMatch(part);
    }
    expect(loadedBy('serve', '--help')).toMatch(/\/fastify\//);
  });

  it('the version needs no command at all', () => {
    expect(loadedBy('--version')).not.toMatch(/dist\/commands\//);
  });
});

describe('a wrong command line is told in one line', () => {
  it.each([
    [[], `lb: a command is missing: one of ${COMMAND_NAMES.join(', ')}; lb --help describes them (LB_CLI_USAGE)`],
    [['replai'], "lb: unknown command 'replai'; did you mean replay? (LB_CLI_USAGE)"],
    [['help', 'nothing'], 'lb: no such command; lb --help lists them (LB_CLI_USAGE)'],
    [['replay', 'in.pcap'], "lb replay: missing required argument 'out' (LB_CLI_USAGE)"],
    [
      ['table', '90.0.0.0/8', '--exce', 'x.lb'],
      "lb table: unknown option '--exce'; did you mean --exec? (LB_CLI_USAGE)",
    ],
    [['table', '90.0.0.0/8', '--exec'], "lb table: option '--exec <file>' argument missing (LB_CLI_USAGE)"],
    [
      ['table', '90.0.0.0/8', '--table', 'magle'],
      "lb table: --table must be maglev or vpp, got 'magle'; did you mean 'maglev'? (LB_CLI_USAGE)",
    ],
    [['explain', 'x', '--flow-hash', 'crc'], "lb explain: --flow-hash must be fast or vpp, got 'crc' (LB_CLI_USAGE)"],
    [
      ['table', '90.0.0.0/8', '--port', '0'],
      "lb table: --port must be a whole number from 1 to 65535, got '0' (LB_CLI_USAGE)",
    ],
    [
      ['bench', '--flows', '1e6'],
      "lb bench: --flows must be a whole number from 1 to 16000000, got '1e6' (LB_CLI_USAGE)",
    ],
    [
      ['serve', '--duration', 'long'],
      "lb serve: --duration must be a number of seconds from 0.1 to 1000000000, got 'long' (LB_CLI_USAGE)",
    ],
  ])('%j', async (argv, line) => {
    expect(await failureOf(...argv)).toBe(line);
  });
});

describe('a wrong configuration is told in one line', () => {
  it.each(['table 90.0.0.0/8', 'explain x', 'replay in.pcap out.pcap'])('%s needs one', async (command) => {
    // The flow is read first.
    const argv = command.replace(' x', ' 1.2.3.4:5>90.0.0.1:80/tcp').split(' ');
    expect(await failureOf(...argv)).toMatch(
      /: there is no configuration; give command lines with --exec FILE.*LB_CLI_NO_CONFIG\)$/,
    );
  });

  it('with file, line and column', async () => {
    const wrong = folder.write('wrong.lb', 'lb vip 90.0.0.0/8', 'lb vip 91.0.0.0/8 encap gre5');
    expect(await failureOf('table', '90.0.0.0/8', '--exec', wrong)).toMatch(
      /^lb table: .*wrong\.lb:2:25: .*'gre5'.*did you mean 'gre\d'\? \(LB_CFG_ENCAP\)$/,
    );
  });

  it('the first problem, and how many more there are', async () => {
    const wrong = folder.write('worse.lb', 'lb vpi', 'lb vip 90.0.0.0/33');
    expect(await failureOf('table', '90.0.0.0/8', '--exec', wrong)).toMatch(/worse\.lb:1:4: .* and 1 more problem$/);
  });

  it('a file that is not there', async () => {
    expect(await failureOf('table', '90.0.0.0/8', '--config', folder.file('none.yaml'))).toMatch(/LB_CFG_FILE_READ/);
  });
});

it('applies command lines on top of YAML, and options on top of both', async () => {
  const yaml = folder.write('site.yaml', 'vips:', '  - prefix: 90.0.0.0/8', '    newLen: 64');
  const lines = folder.write('more.lb', 'lb as 90.0.0.0/8 10.0.0.7 10.0.0.8');
  const maglev = await runMain('table', '90.0.0.0/8', '--config', yaml, '--exec', lines, '--json');
  expect(JSON.parse(maglev.stdout)).toMatchObject({
    newLen: 64,
    ass: [{ address: '10.0.0.7' }, { address: '10.0.0.8' }],
  });
  const vpp = await runMain('table', '90.0.0.0/8', '--config', yaml, '--exec', lines, '--json', '--table', 'vpp');
  expect(vpp.status).toBe(0);
  expect(JSON.parse(vpp.stdout).buckets).not.toEqual(JSON.parse(maglev.stdout).buckets);
});

it('tells of an error that nobody expected in one line as well', async () => {
  const written: string[] = [];
  const broken = {
    write: () => {
      throw new TypeError('first line\nsecond line');
    },
  };
  const status = await main(['table', '90.0.0.0/8', '--exec', good], {
    stdout: broken,
    stderr: { write: (text) => written.push(text) },
  });
  expect(status).toBe(1);
  expect(written).toEqual(['lb table: first line second line; LB_DEBUG=1 shows where it happened (LB_CLI_BUG)\n']);
});

it('tells of warnings after the result', async () => {
  const { status, stdout, stderr } = await runMain('table', '90.0.0.0/8', '--exec', good);
  expect(status).toBe(0);
  expect(stdout).toContain('10.0.0.1');
  expect(stderr).toMatch(/^lb table: warning: ip4-src-address .*LB_CFG_WARN_SRC_ADDRESS\)\n$/);
});
