import { type Config, errorText } from '@lb/control';
import { canonicalConfig, type StateStore, watchConfigFile } from '@lb/control/state';
import { LbError } from '@lb/core';
import type { Daemon } from './daemon.js';
import type { Log } from './log.js';

/** A configuration file whose edits the daemon takes over, each as a revision. */
export interface WatchedFile {
  /**
   * From now on edits are carried out, those since the watch began included.
   * @param loaded what the file held when it was loaded, or why it could not be. It is an edit, too, if the file held something else when the
   * daemon before took it over; what was changed since by other ways is not overwritten by a file that is as it was
   */
  follow(daemon: Daemon, loaded: Config | Error, store: StateStore | undefined, log: Log): Promise<void>;
  close(): void;
}

/** Under which name the store keeps what was taken over last. */
const NAME = 'config-file';

/** Begins to watch. The file is to be loaded afterwards. */
export function openConfigFile(file: string): WatchedFile {
  let act: ((edit: Config | Error) => void) | undefined;
  const early: (Config | Error)[] = [];
  const tell = (edit: Config | Error): void => {
    if (act === undefined) early.push(edit);
    else act(edit);
  };
  const watch = watchConfigFile(file, { onValid: tell, onRefused: tell });
  return {
    async follow(daemon, loaded, store, log) {
      const known = (await store?.readRuntime(NAME)) as { text?: string } | undefined;
      const isKnown = !(loaded instanceof Error) && known?.text === canonicalConfig(loaded);
      const edits = isKnown ? early : [loaded, ...early];
      act = (edit) => void takeOver(daemon, file, edit, store, log);
      for (const edit of edits) act(edit);
    },
    close: () => watch.close(),
  };
}

async function takeOver(
  daemon: Daemon,
  file: string,
  edit: Config | Error,
  store: StateStore | undefined,
  log: Log,
): Promise<void> {
  try {
    if (edit instanceof Error) throw edit;
    const before = daemon.revision;
    const { revision, warnings } = await daemon.change(() => edit, { author: 'file', note: file });
    await store?.saveRuntime(NAME, { text: canonicalConfig(edit) });
    for (const { code, message } of warnings) log.warn({ code }, message);
    if (revision.number === before) return;
    const text = `${file} is revision ${revision.number}`;
    daemon.events.add({ type: 'config-file', level: 'info', text, file, what: 'applied' });
  } catch (error) {
    const reason = error instanceof LbError ? errorText(error) : String((error as Error).message);
    const text = `${file} was not taken over: ${reason}`;
    log.warn({ file }, text);
    daemon.events.add({ type: 'config-file', level: 'warn', text, file, what: 'refused' });
  }
}
