import { spawn } from 'node:child_process';
import { root } from './repository.mjs';
import { setUp } from './setup-steps.mjs';

/** `npm start [-- ARGUMENT…]`: sets up, then runs `lb serve` with its live view until it ends. */
async function main() {
  const failed = await setUp();
  if (failed !== undefined) {
    process.stderr.write(`set-up failed: ${failed}\n`);
    return 1;
  }
  const program = spawn(process.execPath, ['apps/lb/bin/lb.mjs', 'serve', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  // Ctrl-C reaches the program by itself: stay until it has ended in its own way. Other signals come to us alone.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => program.kill('SIGTERM'));
  return new Promise((resolve) => program.once('close', (status) => resolve(status ?? 1)));
}

process.exitCode = await main();
