import { parseVipId } from '@lb/control';
import type { LbClient } from '@lb/control/client';
import type { BrowserWindow } from 'electron';
import type { InputOf, OutputOf } from '../shared/contract.js';
import { apiErrorOf } from './api-error.js';
import type { Daemons } from './daemons.js';
import type { ErrorLog } from './error-log.js';
import { openFile, saveFile } from './files.js';
import type { Handlers } from './ipc.js';
import type { SettingsStore } from './settings.js';

/** What answers each channel. */
export function createHandlers(
  daemons: Daemons,
  settings: SettingsStore,
  log: ErrorLog,
  window: () => BrowserWindow,
): Handlers {
  return {
    'daemons.list': () => daemons.list(),
    'daemons.add': (daemon) => daemons.add(daemon),
    'daemons.change': ({ id, daemon }) => daemons.change(id, daemon),
    'daemons.get': ({ id }) => daemons.settings(id),
    'daemons.remove': ({ id }) => {
      daemons.remove(id);
      return null;
    },
    'api.call': ({ daemon, ...call }) => callApi(daemons.get(daemon).client, call),
    'api.buckets': ({ daemon, vip }) => daemons.get(daemon).client.buckets(parseVipId(vip)),
    'api.flow-buckets': ({ daemon, vip }) => daemons.get(daemon).client.flowBuckets(parseVipId(vip)),
    'stream.watch': ({ daemon, intervalMs }) => {
      daemons.get(daemon).watch(intervalMs);
      return null;
    },
    'stream.unwatch': ({ daemon }) => {
      daemons.get(daemon).unwatch();
      return null;
    },
    'files.open': ({ kind }) => openFile(window(), kind),
    'files.save': (file) => saveFile(window(), file),
    'log.write': ({ text }) => {
      log.write('page', text);
      return null;
    },
    'settings.get': () => settings.get(),
    'settings.set': (changes) => settings.set(changes as Parameters<SettingsStore['set']>[0]),
  };
}

type ApiCall = Omit<InputOf<'api.call'>, 'daemon'>;

/** Carries out an operation; what the daemon refuses is an answer as well. */
export async function callApi(client: LbClient, { operation, call }: ApiCall): Promise<OutputOf<'api.call'>> {
  try {
    if (operation === 'getConfig') {
      const { config, revision } = await client.config();
      return { ok: true, value: config, revision };
    }
    // Which parts a call has depends on the operation; the daemon checks them.
    return { ok: true, value: await client.call(operation, call as Parameters<LbClient['call']>[1]) };
  } catch (error) {
    return { ok: false, error: apiErrorOf(error) };
  }
}
