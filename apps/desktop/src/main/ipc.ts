import { LbError } from '@lb/core';
import type * as z from 'zod';
import { CHANNELS, type Channel, type OutputOf } from '../shared/contract.js';
import { CALL, type Reply } from '../shared/wire.js';
import { appError } from './errors.js';

type Answer<C extends Channel> = OutputOf<C> | Promise<OutputOf<C>>;

/** What answers each channel, with its input already checked. */
export type Handlers = {
  readonly [C in Channel]: (input: z.output<(typeof CHANNELS)[C]['input']>) => Answer<C>;
};

/** The part of Electron's ipcMain that is used here. */
export interface CallSource<E> {
  handle(name: string, listener: (event: E, channel: unknown, input: unknown) => Promise<Reply>): void;
}

/**
 * The one door from the renderer: who asks is looked at first, then what for, then with what; nothing reaches a handler that its
 * channel's schema has not let through, and nothing leaves that it does not describe.
 */
export function serveCalls<E>(source: CallSource<E>, handlers: Handlers, isOurs: (event: E) => boolean): void {
  source.handle(CALL, async (event, channel, input) => {
    try {
      if (!isOurs(event)) throw appError('LB_APP_SENDER', 'only the page of the app may ask for anything');
      return { ok: true, value: await answer(handlers, channel, input) };
    } catch (error) {
      return { ok: false, message: messageOf(error) };
    }
  });
}

async function answer(handlers: Handlers, channel: unknown, input: unknown): Promise<unknown> {
  if (!isChannel(channel)) throw appError('LB_APP_CHANNEL', `the app knows no '${String(channel)}'`);
  const schemas = CHANNELS[channel];
  const asked = schemas.input.safeParse(input);
  if (!asked.success) throw appError('LB_APP_INPUT', problemOf(channel, asked.error));
  // The type of the input goes with the channel, which the compiler cannot follow here.
  const handler = handlers[channel] as (input: unknown) => Answer<Channel>;
  const given = schemas.output.safeParse(await handler(asked.data));
  if (!given.success) throw appError('LB_APP_OUTPUT', problemOf(`the answer of ${channel}`, given.error));
  return given.data;
}

function isChannel(name: unknown): name is Channel {
  return typeof name === 'string' && Object.hasOwn(CHANNELS, name);
}

/** `daemons.add: name: a daemon needs a name`. */
function problemOf(what: string, { issues }: z.core.$ZodError): string {
  const [first] = issues;
  return [what, ...(first!.path.length > 0 ? [first!.path.join('.')] : []), first!.message].join(': ');
}

/** What the user is told. */
function messageOf(error: unknown): string {
  if (error instanceof LbError && error.hint !== undefined) return `${error.message}: ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
