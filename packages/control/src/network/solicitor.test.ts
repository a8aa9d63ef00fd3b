import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Solicitor } from './solicitor.js';

const TARGET = { address: '127.0.0.1', device: 'lo', state: 'NONE' };

/** What iproute2 before 5.16 says, recorded with 6.1 and a word that it does not know, and what it says without the right. */
const TOO_OLD = 'Error: either "to" is duplicate, or "use" is a garbage.';
const NO_RIGHT = 'RTNETLINK answers: Operation not permitted';

describe.skipIf(process.platform === 'win32')('Solicitor', () => {
  let folder: string;
  let socket: Socket;
  let received: number[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lb-solicitor-'));
    received = [];
    socket = createSocket('udp4').on('message', (message) => received.push(message.length));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
  });
  afterEach(() => {
    socket.close();
    rmSync(folder, { recursive: true });
  });

  /** A stand-in for `ip`, that keeps its input and complains. */
  function program(script: string): string {
    const path = join(folder, 'ip');
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return path;
  }
  const failing = (text: string) => program(`cat >/dev/null; echo '${text}' >&2; exit 1`);

  it.each([[TOO_OLD], [NO_RIGHT]])('sends an empty datagram where iproute2 says: %s', async (text) => {
    const solicitor = new Solicitor({ program: failing(text) }, socket.address().port);
    const message = once(socket, 'message');
    await solicitor.solicit([TARGET]);
    await message;
    // From now on without asking iproute2 first.
    rmSync(join(folder, 'ip'));
    const another = once(socket, 'message');
    await solicitor.solicit([TARGET]);
    await another;
    expect(received).toEqual([0, 0]);
  });

  it('goes on where a target cannot be reached', async () => {
    const solicitor = new Solicitor({ program: failing(TOO_OLD) }, socket.address().port);
    const message = once(socket, 'message');
    const odd = ['240.0.0.1', 'fe80::1'].map((address) => ({ address, device: 'no-such', state: 'NONE' }));
    await solicitor.solicit([...odd, TARGET]);
    await message;
  });

  it('sends nothing when something else failed, and tries the same way again', async () => {
    const solicitor = new Solicitor({ program: failing('Cannot find device "east"') }, socket.address().port);
    const failed = { code: 'LB_NET_IP_FAILED', message: expect.stringContaining('Cannot find device') };
    await expect(solicitor.solicit([TARGET])).rejects.toMatchObject(failed);
    await expect(solicitor.solicit([TARGET])).rejects.toMatchObject(failed);
  });

  it('never sends from its own namespace for another', async () => {
    const solicitor = new Solicitor({ program: failing(NO_RIGHT), netns: 'elsewhere' }, socket.address().port);
    await expect(solicitor.solicit([TARGET])).rejects.toMatchObject({ code: 'LB_NET_IP_FAILED' });
  });

  it('runs nothing for no targets', async () => {
    await new Solicitor({ program: 'no-such-program' }).solicit([]);
  });
});
