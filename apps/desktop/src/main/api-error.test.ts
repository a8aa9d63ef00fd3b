import { ConfigError, parseConfig } from '@lb/control';
import { RefusedError } from '@lb/control/client';
import { LbError } from '@lb/core';
import { expect, it } from 'vitest';
import { CHANNELS } from '../shared/contract.js';
import { apiErrorOf } from './api-error.js';

/** As the contract lets it out. */
const out = (error: unknown) => CHANNELS['api.call'].output.parse({ ok: false, error: apiErrorOf(error) });

it('keeps all problems of a configuration, with their places', () => {
  let refused: unknown;
  try {
    parseConfig({ timeout: 0, vips: [{ prefix: 'x', encap: 'gre4' }] });
  } catch (error) {
    refused = error;
  }
  expect(refused).toBeInstanceOf(ConfigError);
  const { error } = out(refused) as { error: ReturnType<typeof apiErrorOf> };
  expect(error.status).toBe(422);
  expect(error.problems.map(({ path }) => path)).toEqual((refused as ConfigError).problems.map(({ path }) => path));
  expect(error).toMatchObject(error.problems[0]!);
});

it('keeps status and current revision of a refusal', () => {
  const problem = { code: 'LB_API_REVISION', message: 'the configuration has changed', hint: 'look again' };
  const error = new RefusedError(412, [problem], 43, undefined);
  expect(out(error)).toEqual({ ok: false, error: { ...problem, status: 412, revision: 43, problems: [problem] } });
});

it('has no status when no daemon answered, and passes on what is a bug', () => {
  const problem = { code: 'LB_CLIENT_NOT_THERE', message: 'no daemon runs' };
  expect(out(new LbError(problem.code, problem.message))).toEqual({
    ok: false,
    error: { ...problem, problems: [problem] },
  });
  expect(() => apiErrorOf(new TypeError('x'))).toThrow(TypeError);
});
