import type { Config } from '@lb/control';
import { type Bridge, callApi } from './bridge.js';
import type { Stores } from './stores.js';

/** Reads the configuration of a daemon into the stores; the staged change follows it, or is in conflict with it. */
export async function loadConfig(bridge: Bridge, stores: Stores, daemon: string): Promise<void> {
  const asked = stores.config.getState().ask();
  const answer = await callApi(bridge, daemon, 'getConfig', {});
  // Another daemon may have been selected meanwhile.
  if (stores.connection.getState().selected !== daemon) return;
  if (!answer.ok) return stores.config.getState().setError(answer.error);
  const { value, revision = 0 } = answer;
  const config = value as Config;
  if (stores.config.getState().setConfig(config, revision, asked))
    stores.staged.getState().follow({ config, revision });
}
