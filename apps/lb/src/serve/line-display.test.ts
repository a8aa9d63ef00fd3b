import { expect, it } from 'vitest';
import { LineDisplay, summaryLine } from './line-display.js';
import { modelOf } from './view.testkit.js';

it('writes the readiness, then a line for each second', () => {
  const written: string[] = [];
  const display = new LineDisplay({ write: (text) => written.push(text) });
  display.begin('ready');
  display.show(modelOf({ '10.0.0.0/8': [100, 20] }));
  display.end();
  expect(written).toEqual([
    'ready\n',
    '00:01:23  1.20 k packets/s  1.20 k forwarded/s  240 flows  0 untracked/s  0 punted/s  0 dropped/s\n',
  ]);
});

it('has no rates as long as no time has passed', () => {
  const model = modelOf({ '10.0.0.0/8': [100] });
  expect(summaryLine({ ...model, before: model.now })).toContain('  0 packets/s  ');
});
