import { writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { EchoSockets } from '../src/native/index.js';
import { describeLive, enterNetworkNamespace, ip, veth } from './live-network.testkit.js';

describeLive('EchoSockets', () => {
  let echo: EchoSockets;

  beforeAll(() => {
    enterNetworkNamespace();
    writeFileSync('/proc/sys/net/ipv4/ping_group_range', '0 0');
    ip('link set lo up');
    veth('a0', 'a1');
    ip('address add 10.9.0.1/24 dev a0');
    ip('route add unreachable 10.8.0.0/24');
    // Nobody answers there, and this host gives up at once.
    writeFileSync('/proc/sys/net/ipv4/neigh/a0/mcast_solicit', '1');
    writeFileSync('/proc/sys/net/ipv4/neigh/a0/retrans_time_ms', '20');
  });
  beforeEach(() => {
    echo = new EchoSockets();
  });
  afterEach(() => echo.close());

  /** Asks a host; the failure, or undefined for its reply. */
  const ask = (address: string) => new Promise<string | undefined>((resolve) => void echo.echo(address, resolve));

  it.each(['127.0.0.1', '127.9.8.7', '::1'])('hears the reply of %s', async (address) => {
    expect(await ask(address)).toBeUndefined();
  });

  it('tells the replies to many requests apart', async () => {
    const hosts = Array.from({ length: 1000 }, (_, i) => `127.1.${i >> 8}.${i & 255}`);
    const heard: string[] = [];
    await Promise.all(hosts.map((host) => ask(host).then(() => heard.push(host))));
    expect(new Set(heard)).toEqual(new Set(hosts));
  });

  it('hears why a host cannot be reached', async () => {
    expect(await ask('10.9.0.77')).toBe('host unreachable');
    expect(() => echo.echo('10.8.0.1', () => undefined)).toThrow(
      expect.objectContaining({ code: 'EHOSTUNREACH', syscall: 'sendto' }),
    );
    expect(() => echo.echo('172.16.0.1', () => undefined)).toThrow(expect.objectContaining({ code: 'ENETUNREACH' }));
  });

  it('calls nobody back about a request that was forgotten', async () => {
    const forget = echo.echo('127.0.0.1', () => expect.unreachable());
    forget();
    expect(await ask('127.0.0.2')).toBeUndefined();
  });

  it.each(['127.0.0.1', '::1'])('hears the reply of %s without a raw socket, too', async (address) => {
    echo = new EchoSockets({ raw: false });
    expect(await ask(address)).toBeUndefined();
  });

  it('says so where it is permitted neither', () => {
    writeFileSync('/proc/sys/net/ipv4/ping_group_range', '1 0');
    echo = new EchoSockets({ raw: false });
    expect(() => echo.echo('127.0.0.1', () => undefined)).toThrow(expect.objectContaining({ code: 'EACCES' }));
  });

  it('does not take the reply to another process for its own', async () => {
    const other = new EchoSockets();
    const answers: string[] = [];
    await Promise.all([
      ask('127.0.0.1').then(() => answers.push('one')),
      new Promise<void>((resolve) => {
        other.echo('127.0.0.1', () => resolve());
      }).then(() => answers.push('other')),
    ]);
    other.close();
    expect(answers.sort()).toEqual(['one', 'other']);
  });
});
