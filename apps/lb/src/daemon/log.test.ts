import { expect, it } from 'vitest';
import { createLog } from './log.js';

function logged(isTTY: boolean, env: NodeJS.ProcessEnv = {}) {
  const lines: string[] = [];
  const log = createLog({ write: (text) => lines.push(text), isTTY }, 'info', env);
  log.debug({}, 'not told');
  log.warn({ worker: 1, reason: 'two words' }, 'worker 1 ended');
  return lines;
}

it('writes JSON lines', () => {
  const [line, ...rest] = logged(false);
  expect(rest).toEqual([]);
  expect(JSON.parse(line!)).toMatchObject({ level: 40, name: 'lb', worker: 1, msg: 'worker 1 ended' });
});

it('writes short text on a terminal', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours, where the terminal has them
  const plain = logged(true).map((line) => line.replace(/\u001b\[\d+m/g, ''));
  expect(plain).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d warn {2}worker 1 ended worker=1 reason="two words"\n$/),
  ]);
});

it('heeds LB_LOG_LEVEL', () => {
  expect(logged(false, { LB_LOG_LEVEL: 'error' })).toEqual([]);
  expect(logged(false, { LB_LOG_LEVEL: 'debug' })).toHaveLength(2);
  expect(logged(false, { LB_LOG_LEVEL: 'nonsense' })).toHaveLength(1);
});
