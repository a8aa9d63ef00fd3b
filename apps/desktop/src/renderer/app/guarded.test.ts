// @vitest-environment happy-dom
import { act, createElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ErrorBoundary } from '../ui/index.js';
import { createReport, reportUncaught } from './report.js';

let root: Root;
let isBroken: boolean;

/** A view that fails while `isBroken`. */
function View() {
  if (isBroken) throw new Error('no bucket 7');
  return 'the view';
}

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  // React tells the console of what the boundary catches.
  vi.spyOn(console, 'error').mockImplementation(() => {});
  document.body.innerHTML = '<div id="root"></div>';
  root = createRoot(document.getElementById('root')!);
});

afterEach(() => {
  act(() => root.unmount());
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const button = (text: string) => [...document.querySelectorAll('button')].find((one) => one.textContent === text)!;

it('replaces the part that fails, and nothing else; it comes back when it can', () => {
  isBroken = true;
  const onError = vi.fn();
  const boundary = createElement(ErrorBoundary, { title: 'Flows', onError, children: createElement(View) });
  act(() => root.render(createElement('main', null, 'beside it', boundary)));
  expect(document.body.textContent).toContain('beside it');
  const alert = document.querySelector('[role=alert]')!;
  expect(alert.textContent).toContain('Flows cannot be shown');
  expect(alert.textContent).toContain('no bucket 7');
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/^Flows: Error: no bucket 7\n/));
  act(() => button('Try again').click());
  expect(document.querySelector('[role=alert]')).not.toBeNull();
  isBroken = false;
  act(() => button('Try again').click());
  expect(document.querySelector('main')!.textContent).toBe('beside itthe view');
});

it('copies the details', async () => {
  isBroken = true;
  const writeText = vi.fn(async () => {});
  vi.stubGlobal('navigator', { clipboard: { writeText } });
  act(() => root.render(createElement(ErrorBoundary, { title: 'Flows', children: createElement(View) })));
  act(() => button('Copy details').click());
  expect(writeText).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('Flows: Error: no bucket 7'));
});

it('notes what nobody caught, and not for ever', () => {
  const call = vi.fn(async () => null);
  const target = new EventTarget();
  reportUncaught(target as Window, createReport({ call, on: () => () => {} } as never));
  const fail = () =>
    target.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason: new Error('late') }));
  fail();
  expect(call).toHaveBeenCalledExactlyOnceWith('log.write', { text: expect.stringMatching(/^Error: late\n/) });
  for (let count = 0; count < 200; count++) fail();
  expect(call).toHaveBeenCalledTimes(50);
});
