import { afterAll, describe, expect, it } from 'vitest';
import { TestFolder } from '../cli.testkit.js';
import { endpointOf } from './connect.js';

const folder = new TestFolder();
afterAll(() => folder.remove());

const url = 'https://lb1.example.net:8443';

describe('where the daemon is', () => {
  it('the socket of --socket, of $LB_SOCKET or the usual one', () => {
    expect(endpointOf({ socket: '/x.sock' }, { LB_SOCKET: '/y.sock' })).toMatchObject({ socketPath: '/x.sock' });
    expect(endpointOf({}, { LB_SOCKET: '/y.sock' })).toMatchObject({ socketPath: '/y.sock' });
  });

  it('the URL of --url or $LB_URL, but --socket wins over the latter', () => {
    const env = { LB_URL: url, LB_TOKEN: 'lbt_a' };
    expect(endpointOf({}, env)).toEqual({ url, token: 'lbt_a' });
    expect(endpointOf({ url: 'https://lb2' }, env)).toMatchObject({ url: 'https://lb2' });
    expect(endpointOf({ socket: '/x.sock' }, env)).toMatchObject({ socketPath: '/x.sock' });
    expect(() => endpointOf({ socket: '/x.sock', url }, env)).toThrow('not of both');
  });

  it('with a token from a file or the environment, never from the command line', () => {
    const tokenFile = folder.write('token', 'lbt_b');
    const ca = folder.write('ca.pem', 'PEM');
    const env = { LB_TOKEN: 'lbt_a' };
    expect(endpointOf({ url, tokenFile, ca }, env)).toEqual({ url, token: 'lbt_b', ca: 'PEM\n' });
    expect(endpointOf({ url, fingerprint: 'ab' }, env)).toEqual({ url, token: 'lbt_a', fingerprint: 'ab' });
    expect(() => endpointOf({ url }, {})).toThrow(`${url} needs a token`);
    expect(() => endpointOf({ url, tokenFile: folder.file('none') }, {})).toThrow('the file of --token-file');
    expect(() => endpointOf({ tokenFile }, {})).toThrow('--token-file goes with --url');
  });
});

describe('whom changes are noted under', () => {
  it('the person behind sudo', () => {
    expect(endpointOf({ socket: 's' }, { SUDO_USER: 'erin' })).toEqual({ socketPath: 's', author: 'erin' });
  });

  it('nobody, rather than a name that the daemon refuses', () => {
    expect(endpointOf({ socket: 's' }, { SUDO_USER: 'DOMAIN\\erin' })).toEqual({ socketPath: 's' });
  });
});
