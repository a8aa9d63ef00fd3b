import { describe, expect, it, vi } from 'vitest';
import { spec, vip } from '../../test/specs.testkit.js';
import { ImageCompiler } from './compiler.js';
import { ImageFollower } from './image-follower.js';
import { ImageGarbage } from './image-garbage.js';
import { ImagePublisher } from './publication.js';

const MB = 1 << 20;

describe('memory of images', () => {
  it('is collected when as much waits as may, and counted anew from there', () => {
    const collect = vi.fn();
    const garbage = new ImageGarbage('young', 100, 100, collect);
    for (const bytes of [60, 39]) {
      garbage.add(bytes);
      garbage.settle();
    }
    expect(collect).not.toHaveBeenCalled();
    garbage.add(1);
    garbage.settle();
    garbage.settle();
    expect(collect.mock.calls).toEqual([['young']]);
  });

  it('is collected earlier where nothing else is to be done', () => {
    const collect = vi.fn();
    const garbage = new ImageGarbage('young', 100, 50, collect);
    garbage.add(50);
    garbage.settle();
    expect(collect).not.toHaveBeenCalled();
    garbage.settleAtRest();
    garbage.settleAtRest();
    expect(collect).toHaveBeenCalledOnce();
  });

  it('does not pile up, however many are published', () => {
    const compiler = new ImageCompiler();
    const publisher = new ImagePublisher(1);
    const follower = new ImageFollower(publisher.connect(0));
    const before = process.memoryUsage.rss();
    let most = 0;
    for (let revision = 1; revision <= 120; revision++) {
      publisher.publish(compiler.compile(large, { revision }));
      const image = follower.poll()!;
      expect(image.unsigned.byteLength).toBeGreaterThan(4 * MB);
      follower.acknowledge(image);
      publisher.reclaim();
      most = Math.max(most, process.memoryUsage.rss());
    }
    publisher.close();
    // 480 MB were written; the compiler has tables of its own, and V8 collects what the control thread has built when it likes.
    expect((most - before) / MB).toBeLessThan(256);
  });
});

const large = spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.1'], { newLen: MB })]);
