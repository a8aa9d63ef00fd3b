import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { confirm } from './confirm.js';

function answering(text: string | null): Promise<void> {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  input.end(text ?? undefined);
  return confirm('Apply?', input, new PassThrough());
}

it.each(['y\n', 'Y\n', ' yes \n'])('%j agrees', async (text) => {
  await expect(answering(text)).resolves.toBeUndefined();
});

it.each(['n\n', '\n', 'yet\n', null])('%j does not', async (text) => {
  await expect(answering(text)).rejects.toMatchObject({ code: 'LB_CLI_DECLINED', message: 'nothing was changed' });
});

it('asks nothing where nobody can answer, and takes that for no', async () => {
  const output = new PassThrough();
  await expect(confirm('Apply?', new PassThrough(), output)).rejects.toMatchObject({
    code: 'LB_CLI_DECLINED',
    hint: 'give --yes',
  });
  expect(output.read()).toBeNull();
});
