import { expect, it } from 'vitest';
import type { NewDaemon } from '../shared/daemon-info.js';
import { checkDaemon, type DaemonContext } from './check-daemon.js';

/** Made with openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 36500 -subj /CN=lb.test. */
const CA = `-----BEGIN CERTIFICATE-----
MIIBfDCCASGgAwIBAgIURo0hcbMRm2nWCQwQg9c6H0d87lgwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHbGIudGVzdDAgFw0yNjExMjIyMTU5NDVaGA8yMTI2MTAyOTIx
NTk0NVowEjEQMA4GA1UEAwwHbGIudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABM35oitP14UM3t5G3tpGAE/rhfREsjoV3uf+M1JnP3B8DSIvaPmv/Xp8SPHW
WGb/PQddWqvuydhO7/1qDvcAqvujUzBRMB0GA1UdDgQWBBQfpiwO1c07OqOwMJEC
4RVwXe12JTAfBgNVHSMEGDAWgBQfpiwO1c07OqOwMJEC4RVwXe12JTAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDkVsb9llUDlU4j+OoD9UwjEgyj
Qt9aKnPYWRcpUq1rmAIhANiZQ1TyKzTie/bN1cTDmF9Z6IRyk4Ac8padjgJPgREc
-----END CERTIFICATE-----
`;
const unix = { kind: 'unix', name: 'edge', socketPath: '/run/lb.sock' } as const;
const tcp = { kind: 'tcp', name: 'far', url: 'https://lb1.example.net:8443', token: 'lbt_x' } as const;
const ssh = { kind: 'ssh', name: 'far', destination: 'root@lb1', socketPath: '/run/lb.sock' } as const;
const linux: DaemonContext = { names: ['Built in'], platform: 'linux' };

it.each<NewDaemon>([
  unix,
  tcp,
  { ...tcp, url: 'http://127.0.0.1:8080' },
  { ...tcp, ca: CA.trim() },
  { ...tcp, ca: `a remark\n${CA}${CA}`.trim() },
  { ...tcp, fingerprint: 'ab:'.repeat(31).concat('ab') },
  ssh,
])('takes %j', (daemon) => {
  expect(checkDaemon(daemon, linux)).toEqual({ ok: true, daemon });
});

it('takes no space around what was typed, and nothing for what was left empty', () => {
  const typed = { ...tcp, name: ' far ', url: ` ${tcp.url}\n`, ca: '  ', fingerprint: '' };
  expect(checkDaemon(typed, linux)).toEqual({ ok: true, daemon: tcp });
});

it.each<[NewDaemon, string, RegExp]>([
  [{ ...unix, name: ' ' }, 'name', /needs a name/],
  [{ ...unix, name: 'x'.repeat(81) }, 'name', /80 characters at most, and this one has 81/],
  [{ ...unix, name: 'Built in' }, 'name', /a daemon of the name 'Built in' already/],
  [{ ...unix, socketPath: '' }, 'socketPath', /path from the root on/],
  [{ ...unix, socketPath: 'run/lb.sock' }, 'socketPath', /path from the root on.* got 'run\/lb.sock'/],
  [{ ...unix, socketPath: '/run/lb\u0000.sock' }, 'socketPath', /control characters/],
  [{ ...unix, socketPath: `/${'x'.repeat(107)}` }, 'socketPath', /107 bytes at most, and this one has 108/],
  [{ ...tcp, url: '' }, 'url', /needs an address/],
  [{ ...tcp, url: 'lb1' }, 'url', /'lb1' is not a URL/],
  [{ ...tcp, url: 'ftp://lb1' }, 'url', /neither https nor http/],
  [{ ...tcp, url: 'http://lb1' }, 'url', /without TLS/],
  [{ ...tcp, token: '' }, 'token', /needs a token/],
  [{ ...tcp, token: 'two words' }, 'token', /the token is not one/],
  [{ ...tcp, ca: 'ca.pem' }, 'ca', /PEM form/],
  [{ ...tcp, ca: CA.replace('MIIB', 'AAAA') }, 'ca', /cannot be read/],
  [{ ...tcp, ca: CA, fingerprint: 'ab'.repeat(32) }, 'ca', /leave one of the two empty/],
  [{ ...tcp, url: 'http://127.0.0.1', ca: CA }, 'ca', /http has no certificate/],
  [{ ...tcp, fingerprint: 'abc' }, 'fingerprint', /64 hex digits/],
  [{ ...tcp, url: 'http://127.0.0.1', fingerprint: 'ab'.repeat(32) }, 'fingerprint', /http has no certificate/],
  [{ ...ssh, destination: '' }, 'destination', /must be a host/],
  [{ ...ssh, destination: '-oProxyCommand=x' }, 'destination', /must be a host.* got '-oProxyCommand=x'/],
  [{ ...ssh, socketPath: '$HOME/lb.sock' }, 'socketPath', /path from the root on/],
  [{ ...ssh, socketPath: '/run/$HOME' }, 'socketPath', /dollar/],
])('of %j finds %s wrong', (daemon, field, message) => {
  expect(checkDaemon(daemon, linux)).toEqual({
    ok: false,
    problems: [{ field, message: expect.stringMatching(message) }],
  });
});

it('finds all that is wrong at once', () => {
  const typed = { kind: 'tcp', name: '', url: 'x', ca: 'y', fingerprint: 'z' } as const;
  const checked = checkDaemon(typed, linux);
  expect(checked.ok ? [] : checked.problems.map(({ field }) => field)).toEqual([
    'name',
    'url',
    'token',
    'ca',
    'fingerprint',
  ]);
});

it('knows what Windows has not', () => {
  const windows: DaemonContext = { names: [], platform: 'win32' };
  expect(checkDaemon(ssh, windows)).toMatchObject({ problems: [{ field: 'destination' }] });
  expect(checkDaemon(unix, windows)).toMatchObject({ problems: [{ field: 'socketPath' }] });
  expect(checkDaemon({ ...unix, socketPath: '\\\\.\\pipe\\lb' }, windows)).toMatchObject({ ok: true });
});
