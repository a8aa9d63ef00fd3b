import { describe, expect, it } from 'vitest';
import { IpProgram } from './ip-program.js';
import { NetworkState } from './network-state.js';

/** Any program will do that prints, complains and waits: the one that is here for certain. */
const node = new IpProgram({ program: process.execPath });
const run = (script: string, options = {}) => node.run(['-e', script], options);

describe('IpProgram', () => {
  it('says what to install where iproute2 is missing', async () => {
    const missing = {
      code: 'LB_NET_IPROUTE2',
      message: "cannot run 'no-such-program': there is no such program",
      hint: expect.stringContaining('apt-get install iproute2'),
    };
    await expect(new IpProgram({ program: 'no-such-program' }).run(['link'])).rejects.toMatchObject(missing);
    await expect(new NetworkState({ program: 'no-such-program' }).start()).rejects.toMatchObject(missing);
  });

  it('tells what the program complained about', async () => {
    const script = 'console.error("oops\\nmore"); process.exit(3)';
    await expect(run(script)).rejects.toMatchObject({
      code: 'LB_NET_IP_FAILED',
      message: `'ip -e ${script}' failed: oops`,
    });
  });

  it('gives the program its input, also one that does not want it', async () => {
    expect(await run('process.stdin.pipe(process.stdout)', { input: 'text' })).toEqual({ stdout: 'text', stderr: '' });
    expect(await run('process.exit(0)', { input: 'x'.repeat(1_000_000) })).toEqual({ stdout: '', stderr: '' });
  });

  it('ends a program that is no longer wanted', async () => {
    const abort = new AbortController();
    const endless = run('setInterval(() => 0, 1000)', { signal: abort.signal });
    abort.abort();
    await expect(endless).rejects.toMatchObject({ code: 'LB_NET_IP_FAILED' });
  });
});
