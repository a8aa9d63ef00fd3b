// @vitest-environment happy-dom
import { act, createElement, type ReactElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StagedLines } from '../staged/staged-lines.js';
import { AppProvider, createActions, createStores } from '../stores/index.js';
import { daemonInfo, FakeBridge, NOW, oneVip } from '../stores/stores.testkit.js';
import { ConfirmName } from './confirm-name.js';
import { WeightControl } from './weight-control.js';

let root: Root;

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  document.body.innerHTML = '<div id="root"></div>';
  root = createRoot(document.getElementById('root')!);
});

afterEach(() => {
  act(() => root.unmount());
  vi.unstubAllGlobals();
});

const show = (element: ReactElement) => act(() => root.render(element));
const find = <T extends Element>(selector: string) => document.querySelector<T>(selector)!;

/** Types as a person does: React listens to the setter of the element's own class. */
function type(input: HTMLInputElement, text: string): void {
  act(() => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(input, text);
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

it('a weight counts when it is entered, and one that is not accepted does not', () => {
  const committed: number[] = [];
  const wrong: string[] = [];
  show(
    createElement(WeightControl, {
      label: '10.0.0.1',
      weight: 100,
      disabled: false,
      onCommit: (weight) => committed.push(weight),
      onWrong: (reason) => wrong.push(reason),
    }),
  );
  const number = find<HTMLInputElement>('input[type=number]');
  const enter = () =>
    act(() => void number.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })));
  type(number, '30');
  expect(committed).toEqual([]);
  enter();
  expect(committed).toEqual([30]);
  type(number, '101');
  expect(number.getAttribute('aria-invalid')).toBe('true');
  enter();
  expect(committed).toEqual([30]);
  // What was typed stays, with the reason, until it is mended or given up.
  expect(number.value).toBe('101');
  expect(wrong).toEqual([expect.stringMatching(/0 to 100, got '101'/)]);
  expect(find(`[id="${number.getAttribute('aria-describedby')}"]`).textContent).toBe(wrong[0]);
  act(() => void number.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })));
  expect(number.value).toBe('100');
});

it('what flows would notice needs the name typed first', () => {
  const done: string[] = [];
  show(
    createElement(ConfirmName, {
      title: 'Remove VIP',
      text: 'It serves.',
      name: '90.0.0.0/8',
      action: 'Stage the removal',
      onConfirm: () => done.push('confirmed'),
      onClose: () => done.push('closed'),
    }),
  );
  const submit = () =>
    act(() => void find('form').dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })));
  const action = find<HTMLButtonElement>('button[type=submit]');
  type(find<HTMLInputElement>('input'), '90.0.0.0');
  expect(action.disabled).toBe(true);
  submit();
  expect(done).toEqual([]);
  type(find<HTMLInputElement>('input'), '90.0.0.0/8');
  expect(action.disabled).toBe(false);
  submit();
  expect(done).toEqual(['confirmed', 'closed']);
});

it('staged edits are shown as lines, and say which no longer fit', () => {
  const stores = createStores(() => NOW);
  const bridge = new FakeBridge({});
  stores.connection.getState().setDaemons([daemonInfo('one')]);
  stores.staged.getState().follow({ config: oneVip(4), revision: 1 });
  const actions = createActions(bridge, stores, () => undefined);
  actions.stageLines(['lb as 90.0.0.0/8 10.0.0.4 del']);
  const value = { stores, bridge, actions };
  show(createElement(AppProvider, { value }, createElement(StagedLines)));
  expect(find('pre').textContent).toBe('lb as 90.0.0.0/8 10.0.0.4 del');
  expect(document.querySelector('[role=alert]')).toBeNull();
  act(() => {
    stores.staged.getState().follow({ config: oneVip(3), revision: 2 });
    stores.staged.getState().rebase();
  });
  expect(find('[role=alert]').textContent).toContain('LB_CFG_AS_MISSING');
  act(() => find<HTMLButtonElement>('button[aria-label="Remove edit 1"]').click());
  expect(document.querySelector('pre')).toBeNull();
});
