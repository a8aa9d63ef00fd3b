import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { runMain } from '../cli.testkit.js';
import { COMMAND_NAMES } from '../command-list.js';
import { fishCompletion } from '../completion/fish.js';
import { zshCompletion } from '../completion/zsh.js';

const scripts: Record<string, string> = {};
beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) scripts[shell] = (await runMain('completion', shell)).stdout;
});

describe('in bash', () => {
  /** What bash would offer for the last word. */
  function completed(...words: string[]): string[] {
    const program = `${scripts.bash}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lb; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, status } = spawnSync('bash', ['-uc', program, 'bash', ...words], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    return stdout.split('\n').filter((line) => line !== '');
  }

  it('commands are completed', () => {
    expect(completed('lb', '')).toEqual(COMMAND_NAMES);
    expect(completed('lb', 're')).toEqual(['replay']);
    expect(completed('lb', 'token', 'r')).toEqual(['rotate', 'revoke']);
  });

  it('options are, those of the command', () => {
    expect(completed('lb', 'drain', '90.0.0.0/8', '--de')).toEqual(['--deadline']);
    expect(completed('lb', 'plan', '--de')).toEqual([]);
    expect(completed('lb', 'token', 'create', 'x', '--ro')).toEqual(['--role']);
  });

  it('values and arguments are left to files', () => {
    expect(completed('lb', 'plan', '--config', '--e')).toEqual([]);
    expect(completed('lb', 'replay', '')).toEqual([]);
  });
});

describe.each(['zsh', 'fish'])('in %s', (shell) => {
  it('each command is there with its summary and options', () => {
    for (const name of COMMAND_NAMES) expect(scripts[shell]).toMatch(new RegExp(`(^| |')${name}( |:|\\))`, 'm'));
    expect(scripts[shell]).toMatch(/deadline/);
    expect(scripts[shell]).not.toMatch(/debug/);
  });
});

it('what a description has does not end a word of the script', () => {
  const option = { long: '--x', description: "the VIP's [one]: a\\b", takesValue: true };
  const spec = { name: 'lb', summary: '', options: [option], commands: [] };
  expect(zshCompletion(spec)).toContain(`'--x[the VIP'\\''s \\[one\\]\\: a\\\\b]:value:_files'`);
  expect(fishCompletion(spec)).toContain(`-l x -r -d 'the VIP\\'s [one]: a\\\\b'`);
});

it('knows three shells', async () => {
  expect((await runMain('completion', 'tcsh')).stderr).toBe(
    "lb completion: the shell must be bash, zsh or fish, got 'tcsh' (LB_CLI_USAGE)\n",
  );
});
