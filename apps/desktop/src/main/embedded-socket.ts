import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The address of a Unix socket has room for so many bytes on macOS, and a few more on Linux. */
const LONGEST = 100;

/** Makes the folder of the app's own daemon and names its socket: in there, or elsewhere if the path would be too long. */
export function embeddedSocketPath(folder: string, platform: NodeJS.Platform = process.platform): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (platform === 'win32') return `\\\\.\\pipe\\lb-desktop-${process.pid}`;
  const path = join(folder, 'lb.sock');
  if (Buffer.byteLength(path) <= LONGEST) return path;
  const short = mkdtempSync(join(tmpdir(), 'lb-desktop-'));
  process.once('exit', () => rmSync(short, { recursive: true, force: true }));
  return join(short, 'lb.sock');
}
