import { env } from 'node:process';
import { canUseApt, installPackages } from './apt.mjs';
import { build } from './build.mjs';
import { buildNative, nativeObstacle, nativeStamp } from './native.mjs';
import { manifest } from './repository.mjs';
import { runPnpm } from './run.mjs';
import { buildStamp, installStamp, missingDependencies, readStamp, writeStamp } from './stamp.mjs';
import { missingPackages } from './system-packages.mjs';

/**
 * Brings a checkout to where the programs and the tests run: dependencies, system packages, build. Each step is skipped
 * when nothing changed since it last worked, so that a second call takes about a second.
 * @returns {Promise<string | undefined>} undefined, or the step that failed (it has told why)
 */
export async function setUp() {
  if (!checkNode()) return 'Node.js';
  if (!(await installDependencies())) return 'dependencies';
  await installSystemPackages();
  if (!(await buildAll())) return 'build';
  buildQueues();
  return undefined;
}

function checkNode() {
  const wanted = manifest('package.json').engines?.node.replace('>=', '') ?? '0.0';
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return true;
  process.stderr.write(
    `Node.js ${wanted} or newer is needed; ${process.execPath} is ${process.versions.node}. See https://nodejs.org\n`,
  );
  return false;
}

async function installDependencies() {
  const stamp = installStamp();
  if (readStamp('install') === stamp && missingDependencies().length === 0) return true;
  say('installing dependencies');
  // A folder installed for another system or pnpm release is replaced without a question.
  const status = await runPnpm(['install', '--frozen-lockfile', '--config.confirmModulesPurge=false']);
  if (status !== 0) return false;
  const missing = missingDependencies();
  if (missing.length > 0) {
    process.stderr.write(`pnpm install left these out: ${missing.join(', ')}\n`);
    return false;
  }
  writeStamp('install', stamp);
  return true;
}

/** Never fails the set-up: what is missing only takes tests away, and the tests name it. */
async function installSystemPackages() {
  const missing = missingPackages();
  const choice = env.LB_SETUP_SYSTEM;
  if (missing.length === 0 || choice === '0') return;
  const names = missing.map(({ name }) => name);
  if (!canUseApt()) {
    say('some tests need programs that are not here:');
    for (const { name, neededBy } of missing) process.stdout.write(`  ${name} (${neededBy})\n`);
    if (process.platform === 'linux')
      process.stdout.write(`  on Debian or Ubuntu: apt-get install ${names.join(' ')}\n`);
    return;
  }
  // Without a reachable mirror apt needs minutes to give up: one attempt for the same list is enough.
  if (readStamp('system') === names.join(' ') && choice !== '1') {
    say(`still missing, could not be installed before: ${names.join(' ')} (LB_SETUP_SYSTEM=1 tries again)`);
    return;
  }
  say(`installing system packages: ${names.join(' ')} (LB_SETUP_SYSTEM=0 opts out)`);
  const problem = await installPackages(missing);
  if (problem === undefined) return;
  writeStamp('system', names.join(' '));
  say(`tests that need them will be skipped. ${problem}`);
}

async function buildAll() {
  if (readStamp('build') === buildStamp()) return true;
  say('building');
  if ((await build()) !== 0) return false;
  writeStamp('build', buildStamp());
  return true;
}

/** Never fails the set-up: without the native library everything but live traffic works. */
function buildQueues() {
  if (readStamp('native') === nativeStamp()) return;
  const obstacle = nativeObstacle();
  if (obstacle !== undefined) {
    say(`native queues for live traffic are not built: ${obstacle}`);
    return;
  }
  say('building native queues');
  const problem = buildNative();
  if (problem === undefined) writeStamp('native', nativeStamp());
  else say(`native queues for live traffic could not be built. ${problem}`);
}

/** @param {string} text */
export function say(text) {
  process.stdout.write(`set-up: ${text}\n`);
}
