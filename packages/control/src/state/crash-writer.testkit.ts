import { writeSync } from 'node:fs';
import { configSchema } from '../schema.js';
import { DesiredState } from './desired-state.js';
import { StateStore } from './state-store.js';

/*
 * A program that applies changes until it is killed, and says in one line each what it does:
 *   open NUMBER HASH FINDINGS    the state it found
 *   try NUMBER                   it is about to make this revision
 *   done NUMBER HASH             the revision is made
 * Lines are written at once: none is lost with the process.
 */
const [folder, keep] = process.argv.slice(2);
const say = (...words: (string | number)[]) => writeSync(1, `${words.join(' ')}\n`);

const store = await StateStore.open(folder!, { keep: Number(keep) });
const state = await DesiredState.open(store, configSchema.parse({ timeout: 1 }));
say('open', state.current.number, state.current.hash, store.findings.length);
for (;;) {
  const number = state.current.number + 1;
  // From a kilobyte to some thirty.
  const count = number % 10 === 0 ? 500 : number % 30;
  const ass = Array.from({ length: count }, (_, i) => ({ address: `10.0.${i >> 8}.${i & 255}`, weight: number % 100 }));
  const next = configSchema.parse({ timeout: number, vips: [{ prefix: '192.0.2.1/32', ass }] });
  say('try', number);
  const { hash } = await state.change(() => next, { author: 'writer' });
  say('done', number, hash);
}
