import { describe, expect, it } from 'vitest';
import { spec, vip } from '../../test/specs.testkit.js';
import { ImageCompiler } from './compiler.js';
import type { Image } from './image.js';
import { Control, WorkerWord, workerWord } from './image-feed.js';
import { ImageFollower } from './image-follower.js';
import { ImagePublisher } from './publication.js';

function images(count: number) {
  const compiler = new ImageCompiler();
  return Array.from({ length: count }, (_, i) =>
    compiler.compile(spec([vip('90.0.0.0/8', 'gre4', [`10.0.0.${i + 1}`], { newLen: 16 })]), { revision: i + 1 }),
  );
}

/** Whether a worker's buffer begins with what was published. */
function holds(own: Image, published: Image): boolean {
  return Buffer.compare(bytesOf(own).subarray(0, published.words.byteLength), bytesOf(published)) === 0;
}

function bytesOf({ words }: Image): Buffer {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength);
}

describe('image publication', () => {
  it('hands every worker the latest image and reclaims only what all have left', () => {
    const publisher = new ImagePublisher(2);
    const followers = [0, 1].map((w) => new ImageFollower(publisher.connect(w)));
    const [first, second, third] = images(3);
    publisher.publish(first);
    for (const follower of followers) {
      const image = follower.poll()!;
      expect(image.revision).toBe(1);
      expect(holds(image, first)).toBe(true);
      follower.acknowledge(image);
    }
    expect(publisher.acknowledged()).toBe(1);
    publisher.publish(second);
    publisher.publish(third);
    expect(publisher.held).toBe(3);

    const image = followers[0].poll()!;
    expect(image.revision).toBe(3);
    expect(publisher.acknowledged()).toBe(1);
    followers[0].acknowledge(image);
    // Worker 1 still reads revision 1.
    expect(publisher.reclaim()).toBe(0);
    followers[1].acknowledge(followers[1].poll()!);
    expect(publisher.acknowledged()).toBe(3);
    expect(publisher.reclaim()).toBe(2);
    expect(publisher.held).toBe(1);
    expect(followers[0].poll()).toBeUndefined();
    publisher.close();
  });

  it('uses a buffer again once all workers have left what is in it, and only then', () => {
    const publisher = new ImagePublisher(2);
    const [quick, slow] = [0, 1].map((w) => new ImageFollower(publisher.connect(w)));
    const seen = images(6).map((image) => {
      publisher.publish(image);
      const own = quick.poll()!;
      expect(holds(own, image)).toBe(true);
      quick.acknowledge(own);
      if (image.revision % 3 === 0) slow.acknowledge(slow.poll()!);
      return own.unsigned.buffer;
    });
    // 1, 2 and 3 may be read until 3 is acknowledged; after that 4 takes the place of one that is not the current.
    expect(new Set(seen.slice(0, 3)).size).toBe(3);
    expect(seen[3]).not.toBe(seen[2]);
    expect(new Set(seen).size).toBe(4);
    publisher.close();
  });

  it('moves to larger buffers, and keeps no more than it needs', () => {
    const compiler = new ImageCompiler();
    const compile = (revision: number, newLen: number) =>
      compiler.compile(spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.1'], { newLen })]), { revision });
    const publisher = new ImagePublisher(1);
    const feed = publisher.connect(0);
    const follower = new ImageFollower(feed);
    for (let revision = 1; revision <= 20; revision++) {
      // The worker follows only after ten of them.
      const image = compile(revision, 16 << (revision % 10));
      publisher.publish(image);
      if (revision < 10) continue;
      const own = follower.poll()!;
      expect(holds(own, image)).toBe(true);
      follower.acknowledge(own);
      publisher.reclaim();
      expect(publisher.held).toBe(1);
    }
    const late = new ImageFollower(publisher.replaceWorker(0));
    expect(late.poll()!.revision).toBe(20);
    // Of ten buffers, the current one and two spare ones are left, and a successor is told of these alone.
    expect(Atomics.load(feed.control, workerWord(0, WorkerWord.POSTED))).toBe(3);
    publisher.close();
  });

  it('leaves an image alone that is published while it looks', () => {
    const publisher = new ImagePublisher(1);
    const feed = publisher.connect(0);
    const follower = new ImageFollower(feed);
    const [first, second] = images(2);
    publisher.publish(first);
    publisher.publish(second);
    // As it would be seen between the two stores of the second.
    Atomics.store(feed.control, Control.REVISION, 1);
    expect(follower.poll()).toBeUndefined();
    Atomics.store(feed.control, Control.REVISION, 2);
    expect(follower.poll()!.revision).toBe(2);
    publisher.close();
  });

  it('starts the successor of a dead worker on the latest image', () => {
    const publisher = new ImagePublisher(1);
    const dead = new ImageFollower(publisher.connect(0));
    const [first, second] = images(2);
    publisher.publish(first);
    dead.acknowledge(dead.poll()!);
    publisher.publish(second);
    const successor = new ImageFollower(publisher.replaceWorker(0));
    expect(publisher.acknowledged()).toBe(0);
    expect(publisher.reclaim()).toBe(0);
    const image = successor.poll()!;
    expect(image.revision).toBe(2);
    successor.acknowledge(image);
    expect(publisher.reclaim()).toBe(1);
    publisher.close();
  });

  it('refuses a revision that does not follow', () => {
    const publisher = new ImagePublisher(1);
    const [first, second] = images(2);
    publisher.publish(second);
    expect(() => publisher.publish(first)).toThrow('revision 1 does not follow 2');
  });
});
