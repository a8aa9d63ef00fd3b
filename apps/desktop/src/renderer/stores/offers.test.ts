import { expect, it } from 'vitest';
import { Offers } from './offers.js';

it('offers what can be done as long as its view is there', () => {
  const offers = new Offers();
  let disabled = true;
  const withdraw = offers.add(() => [
    { text: 'Drain', disabled, run: () => undefined },
    { text: 'Add', run: () => undefined },
  ]);
  const texts = () => offers.now().map(({ text }) => text);
  expect(texts()).toEqual(['Add']);
  disabled = false;
  expect(texts()).toEqual(['Drain', 'Add']);
  withdraw();
  expect(texts()).toEqual([]);
});
