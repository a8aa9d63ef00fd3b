import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { Config, ConfigInput } from '../schema.js';
import { parseConfig } from '../validate.js';
import { StateError } from './errors.js';
import { canonicalConfig, type Revision, sha256 } from './revision.js';

/** An empty folder, which is removed when the tests of the file have run. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lb-state-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function config(document: ConfigInput = {}): Config {
  return parseConfig(document).config;
}

/** A revision whose configuration has the number as its timeout. */
export function revision(number: number, document: ConfigInput = { timeout: number }): Revision {
  const made = config(document);
  const time = new Date(1_700_000_000_000 + number * 1000).toISOString();
  return { number, time, author: 'ann', note: `no. ${number}`, hash: sha256(canonicalConfig(made)), config: made };
}

/** What a promise is rejected with. */
export async function refusal(promise: Promise<unknown>): Promise<StateError> {
  const error = await promise.then(
    () => expect.unreachable('it was not refused'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StateError);
  return error as StateError;
}

/** A system call's failure. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by the test`), { code });
}
