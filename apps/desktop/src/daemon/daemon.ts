import { webcrypto } from 'node:crypto';
import diagnostics from 'node:diagnostics_channel';
import { pathToFileURL } from 'node:url';

/**
 * What the app's utility process runs: the headless program, whose path is the first argument. It is written for Node.js 20; the 18.15
 * of the oldest Electron that the app runs on lacks two things it asks for.
 */
if (globalThis.crypto === undefined) Object.assign(globalThis, { crypto: webcrypto });
if (diagnostics.tracingChannel === undefined) {
  // Nobody listens here: it only has to be there.
  const nobody = () => ({
    hasSubscribers: false,
    traceSync: (run: (...args: unknown[]) => unknown, _: unknown, self: unknown, ...args: unknown[]) =>
      Reflect.apply(run, self, args),
  });
  Object.assign(diagnostics, { tracingChannel: nobody });
}

// Node.js ends a program that has lost an error; in its utility processes Electron only warns, from 37 on.
process.on('unhandledRejection', (error) => {
  throw error;
});

const [, , program] = process.argv;
process.parentPort.on('message', ({ data }) => {
  if (data === 'end') process.emit('SIGTERM');
});
// As if Node.js had been given the program.
process.argv.splice(1, 1);
import(/* @vite-ignore */ pathToFileURL(program!).href)
  // The door to the app would keep the process alive after the program has ended.
  .then(() => process.exit())
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
