import { join } from 'node:path';
import { repositoryRoot } from './paths.js';
import { run } from './run.js';

/** Builds the app before its tests, so that they run what is in the sources. */
export default async function setup(): Promise<void> {
  const { status, stdout, stderr } = await run(process.execPath, [
    join(repositoryRoot, 'apps', 'desktop', 'scripts', 'build.mjs'),
  ]);
  if (status !== 0) throw new Error(`the desktop app cannot be built:\n${stdout}${stderr}`);
}
