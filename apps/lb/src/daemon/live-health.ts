import { HealthMonitor, savedHealthSchema, socketCheckers } from '@lb/control/health';
import type { StateStore } from '@lb/control/state';
import type { Log } from './log.js';

/** Under which name the store keeps what is known of the ASs' health. */
const NAME = 'health';

/** A monitor that knows what the daemon before knew. It takes nothing down before it has probed it. */
export async function openHealth(store: StateStore | undefined): Promise<HealthMonitor> {
  const saved = savedHealthSchema.safeParse(await store?.readRuntime(NAME));
  return new HealthMonitor({ checkers: socketCheckers(), ...(saved.success && { saved: saved.data }) });
}

/** For the next daemon. What cannot be written is only logged: this one does not need it. */
export async function saveHealth(store: StateStore | undefined, monitor: HealthMonitor, log: Log): Promise<void> {
  try {
    await store?.saveRuntime(NAME, monitor.save());
  } catch (error) {
    log.warn({}, `the health of servers could not be written down: ${(error as Error).message}`);
  }
}
