import { expect, it } from 'vitest';
import { displayObstacle } from './display.mjs';

it('knows a machine without a screen, and what to do there', () => {
  expect(displayObstacle({}, 'linux')).toContain('DISPLAY');
  expect(displayObstacle({ DISPLAY: '', WAYLAND_DISPLAY: '' }, 'linux')).toContain('xvfb-run');
  expect(displayObstacle({ DISPLAY: ':0' }, 'linux')).toBeUndefined();
  expect(displayObstacle({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBeUndefined();
  expect(displayObstacle({}, 'darwin')).toBeUndefined();
});
