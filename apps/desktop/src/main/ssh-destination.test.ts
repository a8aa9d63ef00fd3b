import { expect, it } from 'vitest';
import { sshArguments } from './ssh-arguments.js';
import { parseSshDestination, sshTarget } from './ssh-destination.js';

it.each([
  ['lb1', { host: 'lb1' }, 'lb1'],
  ['root@lb1.example.net', { user: 'root', host: 'lb1.example.net' }, 'root@lb1.example.net'],
  ['_ops.1@10.0.0.1:2222', { user: '_ops.1', host: '10.0.0.1', port: 2222 }, '_ops.1@10.0.0.1'],
  ['root@[2001:db8::1]:22', { user: 'root', host: '2001:db8::1', port: 22 }, 'root@2001:db8::1'],
])('reads %s', (text, expected, target) => {
  const destination = parseSshDestination(text)!;
  expect(destination).toEqual({ user: undefined, port: undefined, ...expected });
  expect(sshTarget(destination)).toBe(target);
});

it.each([
  '',
  '-oProxyCommand=touch /tmp/x',
  '-l@host',
  'user@-oProxyCommand=x',
  'root@host;reboot',
  'root@$(reboot)',
  '`reboot`@host',
  'a b',
  'root@host:0',
  'root@host:65536',
  'root@host:ssh',
  'root@2001:db8::1',
  'root@[::1',
  'root@host\n-oProxyCommand=x',
  '%h',
])('takes %j for no destination', (text) => {
  expect(parseSshDestination(text)).toBeUndefined();
});

it('hands ssh a destination that cannot be an option, and paths whose signs mean themselves', () => {
  const words = sshArguments({ user: 'root', host: 'lb1', port: 2222 }, '/tmp/a b/1%2.sock', '/run/l:b\\.sock');
  expect(words.slice(-6)).toEqual(['-L', '/tmp/a b/1%%2.sock:/run/l\\:b\\\\.sock', '-p', '2222', '--', 'root@lb1']);
  for (const option of ['ExitOnForwardFailure=yes', 'BatchMode=yes', 'ControlPath=none']) {
    expect(words[words.indexOf(option) - 1]).toBe('-o');
  }
  expect(sshArguments({ user: undefined, host: 'lb1', port: undefined }, '/a', '/b').slice(-4)).toEqual([
    '-L',
    '/a:/b',
    '--',
    'lb1',
  ]);
});
