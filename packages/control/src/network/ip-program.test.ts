import { describe, expect, it } from 'vitest';
import { IpProgram } from './ip-program.js';
import { NetworkState } from './network-state.js';

describe('IpProgram', () => {
  it('says what to install where iproute2 is missing', async () => {
    const missing = { code: 'LB_NET_IPROUTE2', hint: expect.stringContaining('iproute2') };
    const message = "cannot run 'no-such-program': there is no such program";
    await expect(new IpProgram({ program: 'no-such-program' }).run(['link'])).rejects.toMatchObject({
      ...missing,
      message,
    });
    await expect(new NetworkState({ program: 'no-such-program' }).start()).rejects.toMatchObject(missing);
  });

  it('tells what the program complained about', async () => {
    await expect(new IpProgram({ program: 'sh' }).run(['-c', 'echo oops >&2; exit 3'])).rejects.toMatchObject({
      code: 'LB_NET_IP_FAILED',
      message: "'ip -c echo oops >&2; exit 3' failed: oops",
    });
  });

  it('gives the program its input, also one that does not want it', async () => {
    expect(await new IpProgram({ program: 'cat' }).run([], { input: 'text' })).toEqual({ stdout: 'text', stderr: '' });
    const run = new IpProgram({ program: 'true' }).run([], { input: 'x'.repeat(1_000_000) });
    expect(await run).toEqual({ stdout: '', stderr: '' });
  });

  it('ends a program that is no longer wanted', async () => {
    const abort = new AbortController();
    const run = new IpProgram({ program: 'sleep' }).run(['60'], { signal: abort.signal });
    abort.abort();
    await expect(run).rejects.toMatchObject({ code: 'LB_NET_IP_FAILED' });
  });

  it('refuses a program that is not iproute2', async () => {
    await expect(new NetworkState({ program: 'echo' }).start()).rejects.toMatchObject({ code: 'LB_NET_IP_OUTPUT' });
  });
});
