import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ImageCompiler, ImagePublisher } from '@lb/dataplane';
import type { PublishSetup } from './publish-thread.js';
import { type Figure, figure } from './statistics.js';
import { benchSpec, benchVip, servers } from './vip-types.js';

export interface PublishFigure extends Figure {
  readonly ass: number;
  readonly newLen: number;
  readonly imageBytes: number;
}

const CHANGES = 100;
const WARM_UP_CHANGES = 20;

/**
 * What a new image costs a worker that forwards packets meanwhile, in microseconds: a VIP of `count` servers and `newLen` buckets,
 * of which one server's weight changes each time.
 */
export async function benchPublish(count: number, newLen: number): Promise<PublishFigure> {
  const compiler = new ImageCompiler();
  const vip = { ...benchVip('ip4-gre4', 0), newLen };
  const compile = (revision: number) => {
    const ass = servers(4, count).map((as, i) => (i === 0 ? { ...as, weight: 50 + (revision & 1) } : as));
    return compiler.compile(benchSpec({ ...vip, ass }), { revision });
  };
  const publisher = new ImagePublisher(1);
  const feed = publisher.connect(0);
  const changes = WARM_UP_CHANGES + CHANGES;
  const thread = new Worker(new URL('./publish-thread.js', import.meta.url), {
    workerData: { feed, changes } satisfies PublishSetup,
    transferList: [feed.port],
  });
  // An error of the thread rejects this.
  const answer = once(thread, 'message') as Promise<[number[]]>;
  let imageBytes = 0;
  for (let revision = 1; revision <= changes + 1; revision++) {
    const image = compile(revision);
    imageBytes = image.unsigned.byteLength;
    publisher.publish(image);
    while (publisher.acknowledged() < revision) await Promise.race([delay(1), answer]);
    publisher.reclaim();
  }
  const samples = (await answer)[0].slice(WARM_UP_CHANGES);
  publisher.close();
  return {
    ...figure(`change of image, ${count} servers, ${newLen} buckets`, 'us', samples),
    ass: count,
    newLen,
    imageBytes,
  };
}
