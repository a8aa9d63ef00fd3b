import { describe, expect, it } from 'vitest';
import { spec, vip } from '../../test/specs.testkit.js';
import { ImageCompiler } from './compiler.js';
import { ImageFollower, ImagePublisher } from './publication.js';

function images(count: number) {
  const compiler = new ImageCompiler();
  return Array.from({ length: count }, (_, i) =>
    compiler.compile(spec([vip('90.0.0.0/8', 'gre4', [`10.0.0.${i + 1}`], { newLen: 16 })]), { revision: i + 1 }),
  );
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
      expect(image.words).toEqual(first.words);
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

  it('shares the memory of an image instead of copying it', () => {
    const publisher = new ImagePublisher(1);
    const follower = new ImageFollower(publisher.connect(0));
    const [image] = images(1);
    publisher.publish(image);
    const seen = follower.poll()!;
    image.unsigned[31] = 4711;
    expect(seen.unsigned[31]).toBe(4711);
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
