import { describe, expect, it } from 'vitest';
import { ImageCompiler } from '../src/image/compiler.js';
import { NatSessions } from '../src/pipeline/nat-sessions.js';
import { Verdict } from '../src/verdicts.js';
import { packet } from './frames.testkit.js';
import { LINES, NatWorker, natWorkers, SECRET } from './nat-workers.testkit.js';
import { spec, vip } from './specs.testkit.js';

const TIMEOUT = 40 * 16;
const port = { port: 80, targetPort: 8080 };
const image = new ImageCompiler().compile(
  spec([vip('92.0.0.1/32', 'nat4', ['10.0.0.5'], port), vip('2004::1/128', 'nat6', ['2001:db8::5'], port)], {
    nat4In: true,
    nat6In: true,
  }),
);

const options = { protocol: 6, sport: 5000 } as const;
const answer = { protocol: 6, sport: 8080, dport: 5000 } as const;

describe('answers of NAT servers that come to another worker', () => {
  it.each([
    ['198.51.100.1', '92.0.0.1', '10.0.0.5'],
    ['2001:db8:1::1', '2004::1', '2001:db8::5'],
  ])('%s is answered by %s all the same', (client, address, server) => {
    const [first, second, third] = natWorkers(image, 3);
    expect(second.send(packet(client, address, options)).verdict).toBe(Verdict.FORWARD);
    for (const worker of [first, second, third]) {
      expect(worker.send(packet(server, client, answer))).toMatchObject({
        verdict: Verdict.FORWARD,
        from: `${address} 80`,
      });
    }
    expect(first.sessions.table.sweep(0, LINES, 0)).toBe(0);
  });

  it('keep the session alive', () => {
    const [first, second] = natWorkers(image, 2);
    second.send(packet('198.51.100.1', '92.0.0.1', options), 0);
    const tick = TIMEOUT - 1;
    first.send(packet('10.0.0.5', '198.51.100.1', answer), tick);
    const later = first.send(packet('10.0.0.5', '198.51.100.1', answer), tick + TIMEOUT - 1);
    expect(later.from).toBe('92.0.0.1 80');
    const ended = first.send(packet('10.0.0.5', '198.51.100.1', answer), tick + 3 * TIMEOUT);
    expect(ended).toMatchObject({ verdict: Verdict.PUNT, from: '10.0.0.5 8080' });
  });

  it('are left alone when the session changes while it is read', () => {
    const [first, second] = natWorkers(image, 2);
    second.send(packet('198.51.100.1', '92.0.0.1', options));
    const { table } = second.sessions;
    const { find } = table;
    // The peer puts another session into its place between the look-up and the reading.
    table.find = function (lo, hi, now) {
      const at = find.call(this, lo, hi, now);
      if (at >= 0) this.words[at] ^= 1;
      return at;
    };
    expect(first.send(packet('10.0.0.5', '198.51.100.1', answer)).from).toBe('10.0.0.5 8080');
  });

  it('are restored by a successor in the memory of the worker that died', () => {
    const memory = { memory: new Int32Array(LINES * 16), side: new Int32Array(LINES * 4 * 8) };
    const dead = new NatWorker(image, new NatSessions(LINES, SECRET, memory));
    dead.send(packet('198.51.100.1', '92.0.0.1', options));
    const successor = new NatWorker(image, new NatSessions(LINES, SECRET, memory));
    expect(successor.send(packet('10.0.0.5', '198.51.100.1', answer)).from).toBe('92.0.0.1 80');
    expect(() => new NatSessions(LINES, SECRET, { ...memory, side: new Int32Array(1) })).toThrow(
      expect.objectContaining({ code: 'LB_FLOW_TABLE_MEMORY' }),
    );
  });
});
