import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder for sockets that only this user can reach, with a path short enough for them; it goes with the app. It is made when it is
 * first asked for.
 */
export class SocketFolder {
  private path: string | undefined;

  /** Path of a socket in it. */
  socket(name: string): string {
    if (this.path === undefined) {
      const made = mkdtempSync(join(tmpdir(), 'lb-ssh-'));
      process.once('exit', () => rmSync(made, { recursive: true, force: true }));
      this.path = made;
    }
    return join(this.path, name);
  }
}
