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

it('does not ask where there is nobody', async () => {
  const output = new PassThrough();
  await confirm('Apply?', new PassThrough(), output);
  expect(output.read()).toBeNull();
});
