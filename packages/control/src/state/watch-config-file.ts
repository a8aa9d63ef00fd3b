import fs from 'node:fs';
import path from 'node:path';
import type { Problem } from '../errors.js';
import { loadConfigFile, loadExecFile } from '../load-file.js';
import type { Config } from '../schema.js';

export interface WatchHandlers {
  /** The file was edited and holds a valid configuration, perhaps the one it held before. */
  readonly onValid: (config: Config, warnings: readonly Problem[]) => void;
  /** The file was edited and is not valid, or is gone: a ConfigError. */
  readonly onRefused: (error: Error) => void;
}

export interface WatchOptions {
  /** For how long the file must stay the same before it is read, ms. */
  readonly settleMs?: number;
  /** How often to look where the system does not tell of changes, ms. */
  readonly pollMs?: number;
}

export interface ConfigFileWatch {
  /** No handler is called any more. */
  close(): void;
}

/**
 * Tells of edits of a configuration file, in YAML or (`.lb`) as command lines. Start watching before the file is loaded:
 * how it is when this returns is taken as known, and only what comes later is told.
 */
export function watchConfigFile(file: string, handlers: WatchHandlers, options: WatchOptions = {}): ConfigFileWatch {
  return new ConfigFileWatcher(path.resolve(file), handlers, options);
}

/**
 * Editors write a file in place, in several writes, or rename another one over it; configuration management swaps
 * symbolic links. So the folder is watched, not the file, and the file is read when it has stayed the same for a while.
 * The poll is for what that does not see: the target of a link into another folder, a folder that was replaced, network
 * file systems.
 */
class ConfigFileWatcher implements ConfigFileWatch {
  readonly #file: string;
  readonly #handlers: WatchHandlers;
  readonly #settleMs: number;
  #folder: { readonly watcher: fs.FSWatcher; readonly identity: string } | undefined;
  /** State of the file that was told of last. */
  #told: string;
  /** State of the file that was seen last. */
  #seen: string;
  #timer: NodeJS.Timeout | undefined;
  #reading = false;
  #closed = false;
  readonly #look = () => this.#lookAtFile();

  constructor(file: string, handlers: WatchHandlers, { settleMs = 200, pollMs = 2000 }: WatchOptions) {
    this.#file = file;
    this.#handlers = handlers;
    this.#settleMs = settleMs;
    this.#told = this.#seen = stateOf(file);
    this.#watchFolder();
    fs.watchFile(file, { interval: pollMs, persistent: false, bigint: true }, this.#look);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    fs.unwatchFile(this.#file, this.#look);
    this.#folder?.watcher.close();
  }

  /** Whatever else happens in the folder leaves the state of the file as it is. */
  #lookAtFile(): void {
    if (this.#closed) return;
    this.#watchFolder();
    const state = stateOf(this.#file);
    if (state === this.#seen) return;
    this.#seen = state;
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), this.#settleMs);
  }

  async #read(): Promise<void> {
    if (this.#reading) return this.#arm();
    const before = stateOf(this.#file);
    if (before === this.#told) return;
    this.#reading = true;
    const tell = await load(this.#file, this.#handlers);
    this.#reading = false;
    if (this.#closed) return;
    this.#seen = stateOf(this.#file);
    if (this.#seen !== before) return this.#arm();
    this.#told = before;
    tell();
  }

  /** Watches the folder that the path leads to now. */
  #watchFolder(): void {
    const folder = path.dirname(this.#file);
    const identity = identityOf(folder);
    if (identity === this.#folder?.identity) return;
    this.#folder?.watcher.close();
    this.#folder = undefined;
    if (identity === undefined) return;
    try {
      const watcher = fs.watch(folder, { persistent: false }, this.#look);
      watcher.on('error', () => watcher.close());
      this.#folder = { watcher, identity };
    } catch {
      // The poll is left, and tries this again.
    }
  }
}

/** Reads the file; the result is told later, if at all. */
async function load(file: string, { onValid, onRefused }: WatchHandlers): Promise<() => void> {
  try {
    const { config, warnings } = await (/\.lb$/i.test(file) ? loadExecFile(file) : loadConfigFile(file));
    return () => onValid(config, warnings);
  } catch (error) {
    return () => onRefused(error as Error);
  }
}

/** Differs whenever the content may be another: writing a file changes its times, replacing it its number. */
function stateOf(file: string): string {
  const stat = statOf(file);
  return stat === undefined ? 'missing' : [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ');
}

function identityOf(folder: string): string | undefined {
  const stat = statOf(folder);
  return stat === undefined ? undefined : `${stat.dev} ${stat.ino}`;
}

function statOf(file: string): fs.BigIntStats | undefined {
  try {
    return fs.statSync(file, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
