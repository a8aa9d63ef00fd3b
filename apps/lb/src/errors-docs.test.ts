import { readFileSync } from 'node:fs';
import { PLAN_WARNINGS } from '@lb/control';
import { API_ERRORS } from '@lb/control/api';
import { CLIENT_ERRORS } from '@lb/control/client';
import { NETWORK_ERRORS } from '@lb/control/network';
import { STATE_ERRORS } from '@lb/control/state';
import { CORE_ERRORS } from '@lb/core';
import { CAPTURE_ERRORS, DATAPLANE_ERRORS, NATIVE_ERRORS, WORKER_ERRORS } from '@lb/dataplane';
import { ENCAP_ERRORS } from '@lb/encap';
import { describe, expect, it } from 'vitest';
import { BACKEND_ERRORS } from './backend/errors.js';
import { DAEMON_ERRORS } from './daemon/errors.js';
import { CLI_ERRORS } from './errors.js';

/** Section of docs/errors.md → the table in the code. (docs/configuration.md has those of the configuration.) */
const TABLES = {
  'The program': CLI_ERRORS,
  Daemon: DAEMON_ERRORS,
  Plan: PLAN_WARNINGS,
  API: API_ERRORS,
  'Client of the API': CLIENT_ERRORS,
  Backend: BACKEND_ERRORS,
  'Capture files': CAPTURE_ERRORS,
  Dataplane: DATAPLANE_ERRORS,
  'Native queues': NATIVE_ERRORS,
  Workers: WORKER_ERRORS,
  Network: NETWORK_ERRORS,
  State: STATE_ERRORS,
  'Addresses and tables': CORE_ERRORS,
  Packets: ENCAP_ERRORS,
};

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

describe('docs/errors.md', () => {
  it.each(Object.entries(TABLES))('%s: the same codes in the same words', (title, table) => {
    const section = page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
    const rows = [...section.matchAll(/^\| `(LB_[A-Z0-9_]+)` *\| (.*?) *\|$/gm)].map(([, code, text]) => [code, text]);
    expect(rows).toEqual(Object.entries(table));
  });
});
