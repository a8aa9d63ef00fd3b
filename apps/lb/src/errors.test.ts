import { expect, it } from 'vitest';
import { CLI_ERRORS, cliError } from './errors.js';

it('codes are stable words with a sentence each', () => {
  for (const [code, meaning] of Object.entries(CLI_ERRORS)) {
    expect(code).toMatch(/^LB_CLI_[A-Z_]+$/);
    expect(meaning).toMatch(/^[A-Z].*\.$|^[A-Z].*: .*\.$/);
  }
  expect(cliError('LB_CLI_VIP', 'x', 'y')).toMatchObject({ code: 'LB_CLI_VIP', message: 'x', hint: 'y' });
});
