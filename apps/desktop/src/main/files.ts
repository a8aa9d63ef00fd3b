import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type BrowserWindow, dialog } from 'electron';
import type { InputOf, OutputOf } from '../shared/contract.js';
import { appError } from './errors.js';

type Kind = InputOf<'files.open'>['kind'];

const FILTERS: Readonly<Record<Kind, { name: string; extensions: string[] }>> = {
  yaml: { name: 'Configuration (YAML)', extensions: ['yaml', 'yml'] },
  grammar: { name: 'Command lines', extensions: ['lb', 'txt'] },
  pcap: { name: 'Capture', extensions: ['pcap', 'pcapng', 'cap'] },
  pem: { name: 'Certificates (PEM)', extensions: ['pem', 'crt', 'cer'] },
};
const ANY = { name: 'All files', extensions: ['*'] };
const MAX_BYTES = 64 * 1024 * 1024;

/** Reads the file that the user chooses. The renderer never names a path. @throws LbError LB_APP_FILE */
export async function openFile(window: BrowserWindow, kind: Kind): Promise<OutputOf<'files.open'>> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    properties: ['openFile'],
    filters: [FILTERS[kind], ANY],
  });
  const [path] = filePaths;
  if (canceled || path === undefined) return null;
  const name = basename(path);
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new Error(`it has ${size} bytes, and ${MAX_BYTES} are the most`);
    const bytes = await readFile(path);
    return kind === 'pcap' ? { name, bytes: new Uint8Array(bytes) } : { name, text: bytes.toString('utf8') };
  } catch (error) {
    throw appError('LB_APP_FILE', `${name} cannot be read: ${(error as Error).message}`);
  }
}

/** Writes a text where the user wants it; false if they think better of it. @throws LbError LB_APP_FILE */
export async function saveFile(window: BrowserWindow, { name, text }: InputOf<'files.save'>): Promise<boolean> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, { defaultPath: basename(name), filters: [ANY] });
  if (canceled || !filePath) return false;
  try {
    await writeFile(filePath, text);
    return true;
  } catch (error) {
    throw appError('LB_APP_FILE', `${basename(filePath)} cannot be written: ${(error as Error).message}`);
  }
}
