import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { playEpisode } from './campaign.js';
import { readEpisode, writeEpisode } from './episode.js';
import { runEpisode } from './run-episode.js';
import { shrink } from './shrink.js';

/*
 * The dataplane against the model, for as many packets as one likes, or for some time. Ends with status 1 at the first mismatch.
 *   node packages/dataplane/model/dist/fuzz.js [--packets N] [--seconds N] [--seed N] [--stages native] [--out DIR]
 *   node packages/dataplane/model/dist/fuzz.js --replay FILE
 */
const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    stages: { type: 'string', default: 'typescript' },
    out: { type: 'string', default: '.' },
    replay: { type: 'string' },
  },
});

if (values.replay !== undefined) {
  const { mismatch, packets } = runEpisode(readEpisode(readFileSync(values.replay, 'utf8')));
  console.log(JSON.stringify({ packets, mismatch: mismatch ?? null }, null, 1));
  process.exit(mismatch === undefined ? 0 : 1);
}

const wanted = Number(values.packets);
const mostMs = Number(values.seconds) * 1000;
const first = Number(values.seed);
const stages = values.stages === 'native' ? 'native' : 'typescript';
const began = performance.now();
let packets = 0;
let episodes = 0;
console.log(`seed ${first}, ${stages} stages`);
while (packets < wanted && performance.now() - began < mostMs) {
  const seed = first + episodes++;
  const played = playEpisode(seed, stages);
  packets += played.packets;
  if (played.mismatch === undefined) continue;
  const { step, what } = played.mismatch;
  console.log(`episode of seed ${seed}: step ${step}, ${what}; making it smaller`);
  const { episode, mismatch } = shrink(played.episode, played.mismatch);
  mkdirSync(values.out, { recursive: true });
  const file = join(values.out, `mismatch-${seed}.json`);
  writeFileSync(file, writeEpisode(episode));
  console.log(`${file}: step ${mismatch.step}, ${mismatch.what}`);
  console.log(`dataplane: ${mismatch.engine}\nmodel:     ${mismatch.model}`);
  process.exit(1);
}
const seconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ stages, packets, episodes, seconds: Math.round(seconds), mismatches: 0 }));
