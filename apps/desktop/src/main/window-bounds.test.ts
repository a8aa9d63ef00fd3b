import { expect, it } from 'vitest';
import { placeWindow } from './window-bounds.js';

const screen = { x: 0, y: 0, width: 1920, height: 1080 };
const second = { x: 1920, y: 0, width: 1280, height: 720 };

it('opens in the middle at first, and no larger than the screen', () => {
  expect(placeWindow(undefined, [screen])).toEqual({ x: 240, y: 90, width: 1440, height: 900 });
  expect(placeWindow(undefined, [second])).toEqual({ x: 1920, y: 0, width: 1280, height: 720 });
});

it('opens where it was', () => {
  const saved = { x: 2000, y: 10, width: 1000, height: 700, maximized: false };
  expect(placeWindow(saved, [screen, second])).toEqual({ x: 2000, y: 10, width: 1000, height: 700 });
});

it('comes back from a screen that is gone', () => {
  const saved = { x: 2000, y: 10, width: 1000, height: 700, maximized: false };
  expect(placeWindow(saved, [screen])).toEqual({ x: 460, y: 190, width: 1000, height: 700 });
});
