import { createStore } from 'zustand/vanilla';
import type { Stores } from '../stores/stores.js';
import { comparedStates } from './compared-states.js';

/** A bucket that another view wants to be shown; the map takes it. */
export const wantedBucket = createStore<{ readonly vip: string | null; readonly bucket: number }>()(() => ({
  vip: null,
  bucket: -1,
}));

/** Shows a bucket of a VIP, with its flows. @param bucket of the longest table; the map takes the bits that it has */
export function showBucket({ view }: Stores, vip: string, bucket: number): void {
  wantedBucket.setState({ vip, bucket });
  comparedStates.setState({ isOn: false });
  view.getState().selectVip(vip);
  view.getState().show('buckets');
}

/** The wanted bucket if it is one of this VIP; it is wanted once. */
export function takeWanted(vip: string, newLen: number): number {
  const wanted = wantedBucket.getState();
  if (wanted.vip !== vip) return -1;
  wantedBucket.setState({ vip: null, bucket: -1 });
  return wanted.bucket & (newLen - 1);
}
