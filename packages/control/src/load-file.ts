import { type FileHandle, open } from 'node:fs/promises';
import { type Applied, applyCommands } from './apply.js';
import { ConfigError, type ConfigErrorCode } from './errors.js';
import { parseCommands } from './grammar/parse.js';
import { type Config, emptyConfig } from './schema.js';
import type { Accepted } from './validate.js';
import { parseYamlConfig } from './yaml.js';

/** Largest file that is read. */
export const MAX_CONFIG_BYTES = 64 * 1024 * 1024;

/**
 * Reads a configuration in YAML.
 * @throws ConfigError with file, line and column; LB_CFG_FILE_* when the file itself is the trouble
 */
export async function loadConfigFile(path: string): Promise<Accepted> {
  if (!/\.ya?ml$/i.test(path)) {
    const hint = 'command lines go to --exec';
    throw fileError('LB_CFG_FILE_TYPE', path, 'the name of a configuration file must end in .yaml or .yml', hint);
  }
  return parseYamlConfig(await readText(path), path);
}

/**
 * Reads command lines and applies them to `base`, by default the empty configuration. Any readable path will do, also
 * /dev/stdin.
 * @throws ConfigError with file, line and column; LB_CFG_FILE_* when the file itself is the trouble
 */
export async function loadExecFile(path: string, base: Config = emptyConfig()): Promise<Applied> {
  return applyCommands(base, parseCommands(await readText(path), path));
}

async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  if (bytes.includes(0)) throw fileError('LB_CFG_FILE_BINARY', path, 'this is not a text file: it has a zero byte');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw fileError('LB_CFG_FILE_BINARY', path, 'this is not UTF-8 text');
  }
}

/** Reads at most the permitted number of bytes, whatever the file claims to hold: a pipe has no size. */
async function readBytes(path: string): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const chunks: Uint8Array[] = [];
    let total = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(65536), 0, 65536, null);
      if (bytesRead === 0) return Buffer.concat(chunks, total);
      chunks.push(buffer.subarray(0, bytesRead));
      total += bytesRead;
      if (total > MAX_CONFIG_BYTES)
        throw fileError('LB_CFG_FILE_SIZE', path, `the file is larger than ${MAX_CONFIG_BYTES} bytes`);
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw fileError('LB_CFG_FILE_READ', path, `cannot read the file: ${reasonOf(error)}`);
  } finally {
    await file?.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
};

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}

function fileError(code: ConfigErrorCode, file: string, message: string, hint?: string): ConfigError {
  return new ConfigError([{ code, message, file, ...(hint === undefined ? {} : { hint }) }]);
}
