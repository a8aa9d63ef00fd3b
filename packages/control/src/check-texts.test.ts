import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesText, hostName, parseBytes, parseStatus, requestPath, statusText } from './check-texts.js';

describe('bytes', () => {
  test.each<[string, number[]]>([
    ['PING', [80, 73, 78, 71]],
    ['\\x00\\xff\\xAB', [0, 255, 171]],
    ['a\\r\\n\\t\\\\x41', [97, 13, 10, 9, 92, 120, 52, 49]],
    ['é€', [0xc3, 0xa9, 0xe2, 0x82, 0xac]],
  ])('%s', (text, bytes) => {
    expect([...parseBytes(text)]).toEqual(bytes);
  });

  test('any bytes have one text, which stands for them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 1024 }), (bytes) => {
        const hex = Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
        const text = bytesText(hex);
        expect(text).toMatch(/^[ -~]+$/);
        expect(parseBytes(text)).toEqual(bytes);
        expect(bytesText(text)).toBe(text);
      }),
      { numRuns: 100 },
    );
  });

  test.each(['', '\\', '\\q', '\\x', '\\x1', '\\x1g', 'a'.repeat(1025), '\\x00'.repeat(1025)])(
    '%j is refused',
    (text) => {
      expect(() => parseBytes(text)).toThrow();
    },
  );
});

describe('status', () => {
  test('codes and ranges', () => {
    expect(parseStatus('200, 204-299 ,404')).toEqual([
      { from: 200, to: 200 },
      { from: 204, to: 299 },
      { from: 404, to: 404 },
    ]);
    expect(statusText('200, 204-299 ,404-404')).toBe('200,204-299,404');
  });

  test.each(['', '20', '600', '099', '200-', '-200', '200,', '2xx', '300-200'])('%j is refused', (text) => {
    expect(() => parseStatus(text)).toThrow();
  });
});

test.each(['/', '/a/b?c=d&e=%20', `/${'a'.repeat(1023)}`])('path %s', (path) => {
  expect(requestPath(path)).toBe(path);
});

test.each(['', 'a', '/a b', '/a#b', '/\u00e9', '/a\r\nHost: x', `/${'a'.repeat(1024)}`])(
  'path %j is refused',
  (path) => {
    expect(() => requestPath(path)).toThrow();
  },
);

test.each([
  ['WWW.Example.org', 'www.example.org'],
  ['localhost', 'localhost'],
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
])('host %s', (host, canonical) => {
  expect(hostName(host)).toBe(canonical);
});

test.each([
  '',
  'a..b',
  '-a',
  'a b',
  'a/b',
  'a:80',
  '[::1]',
  'a\r\nb',
  `${'a'.repeat(64)}.org`,
  `${'a.'.repeat(127)}bc`,
])('host %j is refused', (host) => {
  expect(() => hostName(host)).toThrow();
});
