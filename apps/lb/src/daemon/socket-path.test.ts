import { expect, it } from 'vitest';
import { defaultSocketPath } from './socket-path.js';

it('is the same for the daemon and its commands, by user', () => {
  expect(defaultSocketPath({ LB_SOCKET: '/x/y' }, 0)).toBe('/x/y');
  expect(defaultSocketPath({ XDG_RUNTIME_DIR: '/run/user/0' }, 0)).toBe('/run/lb/lb.sock');
  expect(defaultSocketPath({ XDG_RUNTIME_DIR: '/run/user/7' }, 7)).toBe('/run/user/7/lb.sock');
  expect(defaultSocketPath({}, 7)).toBe('/tmp/lb-7/lb.sock');
  expect(defaultSocketPath({}, null)).toBe('\\\\.\\pipe\\lb');
});
