import { expect, it } from 'vitest';
import { defaultWidths, fitWidths } from './panel-widths.js';

it('fits what was chosen on a large screen into a small window, and does not touch what fits', () => {
  expect(fitWidths({ nav: 200, side: 500 }, 1920)).toEqual({ nav: 200, side: 500 });
  expect(fitWidths({ nav: 320, side: 720 }, 1280)).toEqual({ nav: 320, side: 540 });
  expect(fitWidths({ nav: 320, side: 720 }, 960)).toEqual({ nav: 300, side: 240 });
});

it('has widths for every window that need no fitting', () => {
  for (const window of [960, 1280, 1920, 3840])
    expect(fitWidths(defaultWidths(window), window)).toEqual(defaultWidths(window));
});
