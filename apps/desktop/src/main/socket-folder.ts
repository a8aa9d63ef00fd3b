import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for sockets that only this user can reach, with a path short enough for them. It is made when it is first asked for. */
export class SocketFolder {
  private path: string | undefined;

  /** Path of a socket in it. */
  socket(name: string): string {
    this.path ??= mkdtempSync(join(tmpdir(), 'lb-ssh-'));
    return join(this.path, name);
  }

  /** Removes it with all that is in it. */
  remove(): void {
    if (this.path !== undefined) rmSync(this.path, { recursive: true, force: true });
    this.path = undefined;
  }
}
