import { describe, expect, it } from 'vitest';
import { ImageCompiler } from '../src/image/compiler.js';
import { Reason, Verdict } from '../src/verdicts.js';
import { fragments, packet, unreachable } from './frames.testkit.js';
import { type NatWorker, natWorkers, type Sent } from './nat-workers.testkit.js';
import { spec, vip } from './specs.testkit.js';

const TIMEOUT = 40 * 16;
const port = { port: 80, targetPort: 8080 };
const image = new ImageCompiler().compile(
  spec(
    [
      vip('92.0.0.1/32', 'nat4', ['10.0.0.5'], port),
      vip('92.0.0.2/32', 'nat4', ['10.0.0.5'], port),
      vip('2004::1/128', 'nat6', ['2001:db8::5'], port),
      vip('2004::2/128', 'nat6', ['2001:db8::5'], port),
    ],
    { nat4In: true, nat6In: true },
  ),
);

/** One client port to two VIPs that lead to one server and port. */
const families = [
  { client: '198.51.100.1', vips: ['92.0.0.1', '92.0.0.2'], server: '10.0.0.5' },
  { client: '2001:db8:1::1', vips: ['2004::1', '2004::2'], server: '2001:db8::5' },
] as const;
const [four] = families;
type Family = (typeof families)[number];

function ask({ client, vips }: Family, to: 0 | 1, worker: NatWorker, tick = 0): Sent {
  return worker.send(packet(client, vips[to], { sport: 5000 }), tick);
}

/** The client port that the server sees. */
function seen({ from }: Sent): number {
  return Number(from.split(' ')[1]);
}

/** What a client gets that is answered by the server on the port it sees. */
function answer({ client, server }: Family, clientPort: number, worker: NatWorker, tick = 0): Sent {
  return worker.send(packet(server, client, { sport: 8080, dport: clientPort }), tick);
}

/** The server tells the flows apart, and whichever worker gets the answers, each goes back where it came from. */
function expectApart(family: Family, sent: readonly [Sent, Sent], workers: readonly NatWorker[]): void {
  const ports = sent.map(seen);
  expect(ports[0]).not.toBe(ports[1]);
  for (const worker of workers) {
    for (const flow of [0, 1] as const) {
      expect(answer(family, ports[flow], worker)).toMatchObject({
        verdict: Verdict.FORWARD,
        from: `${family.vips[flow]} 80`,
        to: `${family.client} 5000`,
      });
    }
  }
}

/** Decide what happens around a worker's next entry. @param around gets what makes the entry, and returns its position */
function interrupt({ sessions }: NatWorker, around: (enter: () => number) => number): void {
  const { table } = sessions;
  const { insert } = table;
  table.insert = (...words) => {
    table.insert = insert;
    return around(() => table.insert(...words));
  };
}

describe.each(families)('two flows of $client:5000 that one server could not tell apart, at two workers', (family) => {
  it('get two ports', () => {
    const workers = natWorkers(image, 3);
    const sent = [ask(family, 0, workers[0]), ask(family, 1, workers[1])] as const;
    expect(seen(sent[0])).toBe(5000);
    expectApart(family, sent, workers);
    expect([seen(ask(family, 0, workers[0])), seen(ask(family, 1, workers[1]))]).toEqual(sent.map(seen));
  });

  // Whoever sees the other's entry gives way; it need not be the one that came later.
  it('that begin at once: one has gone through when the other is entered', () => {
    const workers = natWorkers(image, 3);
    let other: Sent | undefined;
    interrupt(workers[0], (enter) => {
      other = ask(family, 1, workers[1]);
      return enter();
    });
    const first = ask(family, 0, workers[0]);
    expect(seen(other!)).toBe(5000);
    expectApart(family, [first, other!], workers);
  });

  it('that begin at once: one is entered, but not yet valid, when the other looks', () => {
    const workers = natWorkers(image, 3);
    let other: Sent | undefined;
    interrupt(workers[0], (enter) => {
      const at = enter();
      other = ask(family, 1, workers[1]);
      return at;
    });
    const first = ask(family, 0, workers[0]);
    expect(seen(first)).toBe(5000);
    expectApart(family, [first, other!], workers);
  });

  it('that begin at once: both are entered before either looks again', () => {
    const workers = natWorkers(image, 3);
    let other: Sent | undefined;
    interrupt(workers[0], (enter) => {
      let at = -1;
      interrupt(workers[1], (enterOther) => {
        const made = enterOther();
        at = enter();
        return made;
      });
      other = ask(family, 1, workers[1]);
      return at;
    });
    const first = ask(family, 0, workers[0]);
    expect(seen(first)).toBe(5000);
    expectApart(family, [first, other!], workers);
  });

  it('keep their ports when one has ended', () => {
    const [first, second] = natWorkers(image, 2);
    ask(family, 0, first);
    const other = seen(ask(family, 1, second));
    const tick = TIMEOUT - 1;
    // Only the server speaks for longer than the timeout.
    for (const at of [tick, 2 * tick, 3 * tick]) {
      expect(answer(family, other, first, at).from).toBe(`${family.vips[1]} 80`);
    }
    expect(seen(ask(family, 1, second, 4 * tick))).toBe(other);
    expect(answer(family, 5000, first, 4 * tick).verdict).toBe(Verdict.PUNT);
  });

  it('keep their ports at a third worker', () => {
    const workers = natWorkers(image, 3);
    const sent = [ask(family, 0, workers[0]), ask(family, 1, workers[1])] as const;
    expect([seen(ask(family, 0, workers[2])), seen(ask(family, 1, workers[2]))]).toEqual(sent.map(seen));
    // From now on it has sessions of its own.
    expect(workers[2].sessions.table.sweep(0, 64, 0)).toBe(3);
    expectApart(family, sent, workers);
  });
});

describe('two flows that one server could not tell apart, at two workers', () => {
  it('get two ports even if the one had ended a moment ago: its worker may be in the middle of a burst', () => {
    const [first, second] = natWorkers(image, 2);
    ask(four, 0, first);
    expect(seen(ask(four, 1, second, TIMEOUT + 16))).not.toBe(5000);
    const [third, fourth] = natWorkers(image, 2);
    ask(four, 0, third);
    expect(seen(ask(four, 1, fourth, TIMEOUT + 5 * 16))).toBe(5000);
  });

  it('get ICMP errors about each under the port that the server knows', () => {
    const [first, second, third] = natWorkers(image, 3);
    ask(four, 0, first);
    const other = seen(ask(four, 1, second));
    const told = (address: string): number => {
      const { verdict } = third.send(
        unreachable('203.0.113.9', packet(address, four.client, { sport: 80, dport: 5000 })),
      );
      expect(verdict).toBe(Verdict.FORWARD);
      const { u8 } = third.queue.frames;
      const embedded = third.engine.burst.embeddedL4[0];
      return (u8[embedded + 2] << 8) | u8[embedded + 3];
    };
    expect([told('92.0.0.1'), told('92.0.0.2')]).toEqual([5000, other]);
    expect(third.sessions.table.sweep(0, 64, 0)).toBe(0);
    const unknown = packet('92.0.0.2', four.client, { sport: 80, dport: 5001 });
    const about = third.send(unreachable('203.0.113.9', unknown));
    expect(about).toMatchObject({ verdict: Verdict.DROP, reason: Reason.NAT_NO_FLOW });
  });

  it('whose fragments come to the other worker keep their port', () => {
    const [first, second] = natWorkers(image, 2);
    ask(four, 0, first);
    const other = seen(ask(four, 1, second));
    const whole = packet(four.client, four.vips[1], { sport: 5000, payload: 100 });
    expect(seen(first.send(fragments(whole, 77, 64)[0]))).toBe(other);
  });

  it('are not mistaken for what a thread left that died in the middle', () => {
    const [first, second] = natWorkers(image, 2);
    interrupt(first, (enter) => {
      enter();
      throw new Error('died');
    });
    expect(() => ask(four, 0, first)).toThrow('died');
    expect(answer(four, 5000, second).verdict).toBe(Verdict.PUNT);
    expect(seen(ask(four, 1, second))).not.toBe(5000);
    expect(seen(ask(four, 0, first))).toBe(5000);
    expect(answer(four, 5000, second).from).toBe('92.0.0.1 80');
  });
});
