import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { LiveTerminal } from './live-terminal.js';

class Keyboard extends EventEmitter {
  readonly isTTY = true;
  raw = false;
  reading = false;
  setRawMode(raw: boolean) {
    this.raw = raw;
  }
  resume() {
    this.reading = true;
  }
  pause() {
    this.reading = false;
  }
}

function liveTerminal() {
  const input = new Keyboard();
  const written: string[] = [];
  const said: string[] = [];
  const output = { isTTY: true, columns: 80, rows: 24, write: (text: string) => written.push(text) };
  const onQuit = () => said.push('quit');
  const onSuspend = () => said.push('suspend');
  return { terminal: new LiveTerminal({ input, output, onQuit, onSuspend }), input, written, said };
}

it('gives the terminal back as it was, once', () => {
  const { terminal, input, written } = liveTerminal();
  terminal.begin();
  expect(input).toMatchObject({ raw: true, reading: true });
  // Alternate screen, cursor off.
  expect(written).toEqual(['\x1b[?1049h\x1b[?25l']);
  terminal.end();
  terminal.end();
  expect(input).toMatchObject({ raw: false, reading: false });
  expect(input.listenerCount('data')).toBe(0);
  expect(written.slice(1)).toEqual(['\x1b[?25h\x1b[?1049l']);
});

it('draws a frame in one piece and in place, without clearing first', () => {
  const { terminal, written } = liveTerminal();
  terminal.draw(['before it began']);
  terminal.begin();
  terminal.draw(['one', 'two']);
  expect(written.slice(1)).toEqual(['\x1b[?2026h\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J\x1b[?2026l']);
});

it.each([
  ['q', ['quit']],
  ['\x03', ['quit']],
  ['xQ', ['quit']],
  ['\x1a', ['suspend']],
  ['abc\x1b[A', []],
])('the keys %j', (keys, wanted) => {
  const { terminal, input, said } = liveTerminal();
  terminal.begin();
  input.emit('data', Buffer.from(keys));
  expect(said).toEqual(wanted);
});

it('works where no keys can be read', () => {
  const { terminal, input } = liveTerminal();
  Object.assign(input, { isTTY: false });
  const other = new LiveTerminal({ input, output: { write: () => 0 }, onQuit: () => {}, onSuspend: () => {} });
  other.begin();
  other.end();
  expect(input.raw).toBe(false);
  expect(other.size).toEqual({ columns: 80, rows: 24 });
  expect(terminal.size).toEqual({ columns: 80, rows: 24 });
});

it('has the usual size where the terminal does not know its own', () => {
  const input = new Keyboard();
  const output = { isTTY: true, columns: 0, rows: 0, write: () => {} };
  const terminal = new LiveTerminal({ input, output, onQuit: () => {}, onSuspend: () => {} });
  expect(terminal.size).toEqual({ columns: 80, rows: 24 });
});
