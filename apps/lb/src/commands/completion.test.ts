import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../../../scripts/system-packages.mjs';
import { runMain, TestFolder } from '../cli.testkit.js';
import { COMMAND_NAMES } from '../command-list.js';
import { fishCompletion } from '../completion/fish.js';
import { zshCompletion } from '../completion/zsh.js';

const folder = new TestFolder();
const scripts: Record<string, string> = {};
beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    scripts[shell] = (await runMain('completion', shell)).stdout;
    folder.write(shell, scripts[shell]);
  }
});
afterAll(() => folder.remove());

/** Words typed so far, and what completing makes of them where there is one way to go on. */
const ONE_WAY = {
  'lb repl': 'lb replay ',
  'lb drain 90.0.0.0/8 --de': 'lb drain 90.0.0.0/8 --deadline ',
  'lb token rev': 'lb token revoke ',
  'lb serve --packet': 'lb serve --packet-size ',
  'lb plan --de': 'lb plan --de',
};

/** Programs of which completions are tried in themselves. */
function shellTests(shell: string, tests: () => void): void {
  const there = findProgram(shell) !== undefined;
  describe.skipIf(!there)(`in ${shell}${there ? '' : ` (skipped: no ${shell} here)`}`, tests);
}

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

/** Types each line into a terminal of zsh, presses Tab, and prints what the line is then. */
const ZSH_TYPIST = `zmodload zsh/zpty
zpty terminal zsh -f -i
until_line() { while zpty -r terminal line; do [[ $line == *$1* ]] && return; done; exit 1 }
zpty -w terminal "source $LB_INIT"
until_line ready
for words in "$@"; do
  zpty -n -w terminal "$words"$'\t\x18'
  until_line ']'
  print -r -- "\${\${line##*\\[}%%\\]*}"
done
zpty -d terminal
`;

/** Control-X tells the line that has been typed. The marker is not in the line that has this file read. */
const ZSH_INIT = `PS1=
autoload -U compinit; compinit -D -u
source $LB_SCRIPT
shown() { print -r -- "[$BUFFER]"; BUFFER= }
zle -N shown; bindkey '^X' shown; bindkey '^I' complete-word
setopt no_auto_menu no_beep
print ready
`;

shellTests('zsh', () => {
  it('Tab completes commands and options', () => {
    const files = { LB_INIT: folder.write('init.zsh', ZSH_INIT), LB_SCRIPT: folder.file('zsh') };
    const { stdout, stderr } = spawnSync(
      'zsh',
      ['-f', folder.write('typist.zsh', ZSH_TYPIST), ...Object.keys(ONE_WAY)],
      {
        env: { ...process.env, ...files, TERM: 'dumb' },
        encoding: 'utf8',
        timeout: 50_000,
      },
    );
    expect([stdout.split('\n').slice(0, -1), stderr]).toEqual([Object.values(ONE_WAY), '']);
  });
});

shellTests('fish', () => {
  /** What fish would offer for the last word. */
  function completed(line: string): string[] {
    const program = 'source $argv[1]; complete --do-complete $argv[2]';
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', program, folder.file('fish'), line], {
      env: { ...process.env, HOME: folder.path },
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((offer) => offer.split('\t')[0]!);
  }

  it('commands and options are completed, those of the command', () => {
    expect(completed('lb ')).toEqual([...COMMAND_NAMES].sort());
    expect(completed('lb token r')).toEqual(['revoke', 'rotate']);
    for (const [line, whole] of Object.entries(ONE_WAY)) {
      const last = whole.trim().split(' ').at(-1);
      expect(completed(line)).toEqual(line === whole ? [] : [last]);
    }
  });
});

describe.each(['zsh', 'fish'])('for %s', (shell) => {
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
