import type { CountersSample } from '@lb/control/client';
import type { Update } from '../../shared/contract.js';
import type { Bridge } from './bridge.js';
import { selectedDaemon } from './connection.js';
import { followPreview } from './follow-preview.js';
import { loadConfig } from './load-config.js';
import { SampleReader } from './sample-view.js';
import { NOTHING_STAGED, type StagedData, stagedData } from './staged.js';
import type { Stores } from './stores.js';

/** How often counters come. */
export const INTERVAL_MS = 1000;

/**
 * Fills the stores from the main process: the daemons, and of the selected one counters, events and configuration.
 * Staged changes stay with their daemon. @returns a function that ends it
 */
export function linkStores(bridge: Bridge, stores: Stores, clock: () => number = Date.now): () => void {
  const stagedOf = new Map<string, StagedData>();
  const reader = new SampleReader();
  const load = (daemon: string) => void loadConfig(bridge, stores, daemon);
  const take = (update: Update) => {
    if (update.kind === 'state') return stores.connection.getState().update(update.info);
    if (update.daemon !== stores.connection.getState().selected) return;
    const reload = () => load(update.daemon);
    if (update.kind !== 'counters') return takeLive(stores, update, reload);
    const sample = reader.read(update.sample);
    if (sample !== undefined) takeCounters(stores, sample, clock(), reload);
  };
  const unfollow = stores.connection.subscribe((now, before) => {
    if (now.selected !== before.selected) select(before.selected, now.selected);
    const isNews = now.selected !== before.selected || selectedDaemon(before)?.state !== 'connected';
    if (now.selected !== null && selectedDaemon(now)?.state === 'connected' && isNews) load(now.selected);
  });
  const select = (before: string | null, now: string | null) => {
    if (before !== null) {
      stagedOf.set(before, stagedData(stores.staged.getState()));
      void bridge.call('stream.unwatch', { daemon: before });
    }
    stores.live.getState().reset();
    stores.config.getState().reset();
    stores.view.getState().selectVip(null);
    stores.staged.getState().restore((now !== null && stagedOf.get(now)) || NOTHING_STAGED);
    if (now === null) return;
    void bridge.call('stream.watch', { daemon: now, intervalMs: INTERVAL_MS });
  };
  const unlisten = bridge.on(take);
  const unfollowPreview = followPreview(stores, clock);
  void bridge.call('daemons.list', {}).then((daemons) => stores.connection.getState().setDaemons(daemons));
  return () => {
    unlisten();
    unfollow();
    unfollowPreview();
  };
}

function takeCounters({ live, config }: Stores, sample: CountersSample, now: number, load: () => void): void {
  live.getState().addSample(sample, now);
  // Also after missed events the configuration is that of the numbers; a daemon without its state is back at an earlier one.
  if (sample.revision !== config.getState().revision) load();
}

function takeLive({ live }: Stores, update: Update, load: () => void): void {
  if (update.kind === 'event') {
    live.getState().addEvent(update.event);
    if (update.event.type === 'revision') load();
  }
  if (update.kind === 'gap') {
    live.getState().noteGap();
    load();
  }
}
