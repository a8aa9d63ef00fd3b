import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SseParser } from './sse-parser.js';

const TEXT =
  ': hello\nretry: 500\n\nid: 7\nevent: event\ndata: {"a":\ndata: "ä"}\n\ndata\n\nevent: lonely\n\ndata:x\r\n\r\ndata: cut';
const MESSAGES = [
  { event: 'event', data: '{"a":\n"ä"}', id: '7' },
  { event: 'message', data: '' },
  { event: 'message', data: 'x' },
];

it('reads messages as the standard has them', () => {
  const parser = new SseParser();
  expect(parser.push(TEXT)).toEqual(MESSAGES);
  expect(parser.retryMs).toBe(500);
});

it('in pieces of any size', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(TEXT.length), { maxLength: 20 }), (cuts) => {
      const parser = new SseParser();
      const places = [0, ...cuts, TEXT.length].sort((a, b) => a - b);
      const found = places.slice(1).flatMap((to, i) => parser.push(TEXT.slice(places[i], to)));
      expect(found).toEqual(MESSAGES);
    }),
  );
});
