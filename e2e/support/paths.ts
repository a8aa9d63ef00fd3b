import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository's root folder. */
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Where the recorded captures lie. */
export const capturesDir = join(repositoryRoot, 'e2e', 'captures');

/** Where the configurations of the tests lie. */
export const configsDir = join(repositoryRoot, 'e2e', 'configs');
