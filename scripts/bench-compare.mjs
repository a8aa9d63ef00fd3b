import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { casesOf, quotients, verdictOf } from './bench-quotients.mjs';
import { root } from './repository.mjs';

/*
 * npm run bench:compare -- [BASE] [--rounds N] [--seconds N] [--case gre4:1000000[:tcp]]…
 *
 * Builds the commit BASE in a worktree of its own and measures it and this tree in turns, by what `lb bench` of each says.
 * Ends with 1 if a case has become more than 5 % slower. Without BASE: where this branch left origin/main, else HEAD~.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    case: { type: 'string', multiple: true },
  },
});
const rounds = Number(values.rounds);
const cases = casesOf(values.case);

/** @param {string[]} args */
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

function defaultBase() {
  try {
    const left = git('merge-base', 'HEAD', 'origin/main');
    if (left !== git('rev-parse', 'HEAD')) return left;
  } catch {
    // There is no origin/main.
  }
  return 'HEAD~';
}

/**
 * The tree of a commit, built. Libraries are those installed here, so both must want the same.
 * @param {string} commit
 * @param {string} folder
 */
function buildBase(commit, folder) {
  git('worktree', 'add', '--detach', folder, commit);
  if (git('diff', '--name-only', commit, '--', 'pnpm-lock.yaml') !== '') {
    throw new Error(`bench:compare: ${commit} wants other libraries than are installed (pnpm-lock.yaml)`);
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const room of ['packages', 'apps']) {
    for (const name of readdirSync(join(folder, room))) {
      const installed = join(root, room, name, 'node_modules');
      // Their links to each other are relative, so the copy leads to the packages of that tree.
      const to = join(folder, room, name, 'node_modules');
      if (existsSync(installed)) cpSync(installed, to, { recursive: true, verbatimSymlinks: true });
    }
  }
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'apps/lb'], {
    cwd: folder,
    stdio: 'inherit',
  });
  if (!existsSync(join(root, 'native/build'))) return;
  /** @type {{ cwd: string, stdio: import('node:child_process').StdioOptions }} */
  const cmake = { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] };
  execFileSync('cmake', ['-S', 'native', '-B', 'native/build', '-DLBQ_TESTS=OFF'], cmake);
  execFileSync('cmake', ['--build', 'native/build', '--parallel', '2'], cmake);
}

/**
 * @param {string} folder
 * @param {import('./bench-quotients.mjs').Case} one
 */
function measure(folder, { encap, flows, protocol }) {
  const argv = ['bench', '--encap', encap, '--flows', String(flows), '--seconds', values.seconds, '--json'];
  // A base from before there was a choice measures UDP.
  if (protocol !== 'udp') argv.push('--protocol', protocol);
  const env = { ...process.env, LBQ_LIBRARY: join(folder, 'native/build/liblbqueue.so') };
  const line = execFileSync(process.execPath, [join(folder, 'apps/lb/bin/lb.mjs'), ...argv], { env, encoding: 'utf8' });
  return Number(JSON.parse(line).value);
}

const folder = mkdtempSync(join(tmpdir(), 'lb-bench-base-'));
const base = git('rev-parse', '--short', positionals[0] ?? defaultBase());
try {
  process.stdout.write(`building ${base}\n`);
  buildBase(base, folder);
  let slower = 0;
  for (const one of cases) {
    const pairs = [];
    for (let round = 0; round < rounds; round++) {
      // Who comes first changes, as what the machine does beside may follow a rhythm.
      const before = round % 2 === 0 ? measure(folder, one) : undefined;
      const now = measure(root, one);
      pairs.push({ before: before ?? measure(folder, one), now });
    }
    const found = quotients(pairs);
    const verdict = verdictOf(found);
    if (verdict === 'slower') slower++;
    process.stdout.write(
      `${JSON.stringify({ name: `${one.encap}, ${one.flows} flows, ${one.protocol}`, base, unit: 'now/base', ...found, verdict })}\n`,
    );
  }
  process.exitCode = slower === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
  git('worktree', 'prune');
}
