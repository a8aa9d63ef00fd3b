import { expect, it, vi } from 'vitest';
import type { Reply } from '../shared/wire.js';
import { type Handlers, serveCalls } from './ipc.js';

const info = {
  id: 'a',
  name: 'edge',
  kind: 'unix',
  state: 'connected',
  error: null,
  retryAt: null,
  where: '/run/lb.sock',
} as const;

/** A door with the given handlers: those that are not given must not be reached. */
function door(handlers: Partial<Handlers>) {
  let listener: ((event: string, channel: unknown, input: unknown) => Promise<Reply>) | undefined;
  const source = {
    handle: (_: string, given: typeof listener) => {
      listener = given;
    },
  };
  serveCalls(source, handlers as Handlers, (event) => event === 'ours');
  return (channel: unknown, input: unknown, sender = 'ours') => listener!(sender, channel, input);
}

it('carries a call to its handler and back', async () => {
  const call = door({ 'daemons.list': () => [info] });
  expect(await call('daemons.list', {})).toEqual({ ok: true, value: [info] });
});

it('rejects senders that are not the page of the app, before anything else is looked at', async () => {
  const list = vi.fn(() => [info]);
  const call = door({ 'daemons.list': list });
  expect(await call('daemons.list', {}, 'a frame')).toMatchObject({ ok: false });
  expect(list).not.toHaveBeenCalled();
});

it.each(['files.delete', 'toString', '__proto__', 'constructor', '', 7, null, undefined, ['daemons.list']])(
  'rejects the channel %j',
  async (channel) => {
    expect(await door({})(channel, {})).toMatchObject({ ok: false, message: expect.stringContaining('knows no') });
  },
);

const call = { daemon: 'a', operation: 'getConfig', call: {} };
const tcp = { kind: 'tcp', name: 'edge', url: 'https://lb1', token: 'lbt_x' };

it.each([
  ['daemons.list', undefined],
  ['daemons.list', { all: true }],
  ['daemons.add', { ...tcp, name: 7 }],
  ['daemons.add', { ...tcp, kind: 'embedded' }],
  ['daemons.add', { ...tcp, program: '/bin/sh' }],
  ['daemons.add', { kind: 'unix', name: 'x', socketPath: 7 }],
  ['api.call', { ...call, operation: 'createToken' }],
  ['api.call', { ...call, operation: 'stream' }],
  ['api.call', { ...call, operation: '__proto__' }],
  ['api.call', { ...call, call: { headers: { host: 'x' } } }],
  ['api.call', { ...call, call: { params: { vip: { toString: 'x' } } } }],
  ['api.buckets', { daemon: 'a' }],
  ['api.flow-buckets', { daemon: 'a' }],
  ['stream.watch', { daemon: 'a', intervalMs: 1 }],
  ['stream.watch', { daemon: 'a', intervalMs: Number.NaN }],
  ['files.open', { kind: 'any', path: '/etc/shadow' }],
  ['files.save', { name: 'x' }],
  ['settings.set', { theme: 'pink' }],
  ['settings.set', { bounds: {} }],
])('rejects %s with %j', async (channel, input) => {
  const reply = await door({})(channel, input);
  expect(reply).toMatchObject({ ok: false, message: expect.stringMatching(`^${channel}`) });
});

it('lets nothing out that the contract does not have', async () => {
  const leaky = { ...info, token: 'lbt_secret' };
  const reply = await door({ 'daemons.list': () => [leaky] })('daemons.list', {});
  expect(reply.ok).toBe(false);
  expect(JSON.stringify(reply)).not.toContain('lbt_secret');
});

it('tells what a handler threw, in words', async () => {
  const failing = door({
    'files.open': () => {
      throw new Error('the file is gone');
    },
  });
  expect(await failing('files.open', { kind: 'yaml' })).toEqual({ ok: false, message: 'the file is gone' });
});
