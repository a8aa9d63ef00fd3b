import { say, setUp } from './setup-steps.mjs';

const failed = await setUp();
say(failed === undefined ? 'ready: `npm start` runs the balancer, `npm test` its tests' : `failed: ${failed}`);
process.exitCode = failed === undefined ? 0 : 1;
