import { describe, expect, it } from 'vitest';
import { ImageCompiler } from '../src/image/compiler.js';
import { Verdict } from '../src/verdicts.js';
import { packet } from './frames.testkit.js';
import { ACK, FIN, RST, SYN, TIMEOUTS } from './lifetimes.testkit.js';
import { NatWorker, natWorkers } from './nat-workers.testkit.js';
import { spec, vip } from './specs.testkit.js';

const SECOND = 16;
const port = { port: 80, targetPort: 8080 };
const image = new ImageCompiler().compile(
  spec(
    [
      vip('92.0.0.1/32', 'nat4', ['10.0.0.5'], port),
      vip('92.0.0.2/32', 'nat4', ['10.0.0.5'], port),
      vip('2004::1/128', 'nat6', ['2001:db8::5'], port),
    ],
    { timeouts: TIMEOUTS, nat4In: true, nat6In: true },
  ),
);
const ends = [
  ['IPv4', '198.51.100.1', '92.0.0.1', '10.0.0.5'],
  ['IPv6', '2001:db8:1::1', '2004::1', '2001:db8::5'],
] as const;

describe.each(ends)('answers of a NAT server: %s', (_, client, address, server) => {
  const ask = (flags: number) => packet(client, address, { protocol: 6, sport: 5000, flags });
  const answer = (flags: number) => packet(server, client, { protocol: 6, sport: 8080, dport: 5000, flags });
  /** Seconds for which an answer still finds its session, to a second. */
  const lives = (worker: NatWorker, from: number): number => {
    const { engine } = worker;
    const at = engine.sessions.findReturn(engine.burst.natLo[0]!, engine.burst.natHi[0]!, from);
    return at < 0 ? 0 : (engine.sessions.foundIn.expiryAt(at) - from) / SECOND;
  };

  it('do not open what a client has not: a forged SYN leaves nothing for long', () => {
    const worker = new NatWorker(image);
    worker.send(ask(SYN), 0);
    for (const second of [1, 3]) {
      expect(worker.send(answer(SYN | ACK), second * SECOND).verdict).toBe(Verdict.FORWARD);
    }
    expect(worker.send(answer(SYN | ACK), 4 * SECOND).verdict).toBe(Verdict.FORWARD);
    expect(worker.send(answer(SYN | ACK), 5 * SECOND).verdict).toBe(Verdict.PUNT);
  });

  it('keep a connection, and those with FIN or RST end it', () => {
    for (const flags of [FIN | ACK, RST]) {
      const worker = new NatWorker(image);
      worker.send(ask(SYN), 0);
      worker.send(answer(SYN | ACK), 0);
      worker.send(ask(ACK), 0);
      worker.send(answer(ACK), 90 * SECOND);
      expect(worker.send(answer(ACK), 189 * SECOND).verdict).toBe(Verdict.FORWARD);
      expect(worker.send(answer(flags), 190 * SECOND).verdict).toBe(Verdict.FORWARD);
      // Half closed: it goes on while something comes.
      expect(worker.send(answer(ACK), 196 * SECOND).verdict).toBe(Verdict.FORWARD);
      expect(worker.send(answer(ACK), 202 * SECOND).verdict).toBe(Verdict.FORWARD);
      expect(worker.send(answer(ACK), 209 * SECOND).verdict).toBe(Verdict.PUNT);
    }
  });

  it('that come by another worker only keep a session as it is', () => {
    const [own, other] = natWorkers(image, 2) as [NatWorker, NatWorker];
    own.send(ask(ACK), 0);
    expect(other.send(answer(FIN | ACK), 10 * SECOND).verdict).toBe(Verdict.FORWARD);
    expect(lives(own, 10 * SECOND)).toBe(100);
    own.send(ask(FIN | ACK), 11 * SECOND);
    expect(lives(own, 11 * SECOND)).toBe(7);
    other.send(answer(ACK), 17 * SECOND);
    expect(lives(own, 17 * SECOND)).toBe(7);
    own.send(ask(SYN), 18 * SECOND);
    other.send(answer(SYN | ACK), 20 * SECOND);
    expect(lives(own, 20 * SECOND)).toBe(3);
  });
});

describe('a flow with another client port', () => {
  const to = (address: string, flags: number) => packet('198.51.100.1', address, { protocol: 6, sport: 5000, flags });

  it('keeps it through SYN and FIN, and as long as its session lives', () => {
    const worker = new NatWorker(image);
    worker.send(to('92.0.0.1', ACK), 0);
    const { to: server, from: given } = worker.send(to('92.0.0.2', SYN), 0);
    expect([server, given]).not.toContain('198.51.100.1 5000');
    const seen = Number(given.split(' ')[1]);
    for (const [second, flags] of [
      [1, ACK],
      [60, ACK],
      [61, FIN | ACK],
      [67, ACK],
      [68, SYN],
      [72, ACK],
      [171, ACK],
    ] as const) {
      expect(worker.send(to('92.0.0.2', flags), second * SECOND).from).toBe(given);
      // Only the first has kept its own port meanwhile.
      worker.send(to('92.0.0.1', ACK), second * SECOND);
    }
    const answer = packet('10.0.0.5', '198.51.100.1', { protocol: 6, sport: 8080, dport: seen, flags: RST });
    expect(worker.send(answer, 172 * SECOND)).toMatchObject({ from: '92.0.0.2 80', to: '198.51.100.1 5000' });
    const { table } = worker.sessions;
    // Session and alias both: seven seconds later only the other flow has anything left.
    expect(table.sweep(0, table.lines, 179 * SECOND)).toBe(1);
  });
});
