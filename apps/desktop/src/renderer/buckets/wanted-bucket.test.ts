import { expect, it } from 'vitest';
import { createStores } from '../stores/stores.js';
import { comparedStates } from './compared-states.js';
import { showBucket, takeWanted } from './wanted-bucket.js';

it('a wanted bucket is shown once, in the map of its VIP', () => {
  const stores = createStores();
  comparedStates.setState({ isOn: true });
  showBucket(stores, '90.0.0.0/8', 1025);
  expect(stores.view.getState()).toMatchObject({ view: 'buckets', vip: '90.0.0.0/8' });
  expect(comparedStates.getState().isOn).toBe(false);
  expect(takeWanted('91.0.0.0/8', 1024)).toBe(-1);
  expect(takeWanted('90.0.0.0/8', 1024)).toBe(1);
  expect(takeWanted('90.0.0.0/8', 1024)).toBe(-1);
});
