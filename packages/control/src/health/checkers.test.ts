import { execFileSync } from 'node:child_process';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseStatus } from '../check-texts.js';
import type { RunningCheck } from './checker.js';
import { socketCheckers } from './checkers.js';
import { type CheckResult, failed, passed } from './result.js';
import type { Probe } from './target.js';

/** What is to be closed after a test. */
const open: (() => void)[] = [];
afterEach(async () => {
  // Also shows that no check has left a connection open.
  for (const close of open.splice(0)) close();
  await untilNoConnection();
});

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  open.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A port of loopback that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function probe(type: Probe['type'], port: number, more: Partial<Probe> = {}): Probe {
  const statusText = more.statusText ?? '200-399';
  return {
    type,
    address: '127.0.0.1',
    port,
    route: undefined,
    path: '/',
    host: undefined,
    status: parseStatus(statusText),
    statusText,
    tlsVerify: true,
    reuseMs: 0,
    send: undefined,
    expect: undefined,
    ...more,
  };
}

/** Waits for the turns of the event loop that connections take to close; with one that stays, the test does not end. */
async function untilNoConnection(): Promise<void> {
  while (process.getActiveResourcesInfo().some((name) => /^TCP(Socket|Connect)Wrap$/.test(name))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Makes one check and waits for what it finds. */
function check(asked: Probe, checkers = socketCheckers()): Promise<CheckResult> {
  return new Promise((resolve) => {
    let isStarting = true;
    checkers[asked.type].start(asked, (result) => {
      expect(isStarting).toBe(false);
      resolve(result);
    });
    isStarting = false;
  });
}

describe('tcp', () => {
  const serving = (onConnection: (socket: Socket) => void) => listening(createServer(onConnection));

  it('passes when connected, and resets the connection, so that no port stays in TIME_WAIT', async () => {
    let ended = (_: unknown) => {};
    const end = new Promise((resolve) => {
      ended = resolve;
    });
    const port = await serving((socket) => socket.resume().on('error', ended).on('end', ended));
    expect(await check(probe('tcp', port))).toEqual(passed('connected'));
    expect(await end).toMatchObject({ code: 'ECONNRESET' });
  });

  it('fails when nobody listens', async () => {
    expect(await check(probe('tcp', await freePort()))).toEqual(failed('connection refused'));
  });

  it('works over IPv6', async () => {
    const port = await listening(createServer(), '::1');
    expect(await check(probe('tcp', port, { address: '::1' }))).toEqual(passed('connected'));
  });

  it('sends, and finds the expected text in pieces', async () => {
    const port = await serving((socket) => {
      socket.setNoDelay(true);
      socket.once('data', (data: Buffer) => {
        expect(data).toEqual(Buffer.from('PING\r\n'));
        socket.write('+PO');
        setImmediate(() => socket.write('NG\r\n'));
      });
    });
    const more = { send: Buffer.from('PING\r\n'), expect: Buffer.from('PONG') };
    expect(await check(probe('tcp', port, more))).toEqual(passed('expected answer'));
  });

  it('fails when the server closes without the expected text', async () => {
    const port = await serving((socket) => socket.end('-LOADING'));
    const result = await check(probe('tcp', port, { expect: Buffer.from('PONG') }));
    expect(result).toEqual(failed('connection closed without the expected answer'));
  });

  it('does not read for ever', async () => {
    const port = await serving((socket) => {
      const more = () => {
        while (socket.write('x'.repeat(10_000)));
      };
      socket.on('drain', more);
      more();
    });
    const result = await check(probe('tcp', port, { expect: Buffer.from('PONG') }));
    expect(result).toEqual(failed('answer without the expected text'));
  });

  it.each(['tcp', 'http', 'https'] as const)('ends at once when stopped: %s', async (type) => {
    let connections = 0;
    const port = await serving(() => connections++);
    const { tcp, [type]: checker } = socketCheckers();
    checker.start(probe(type, port), () => expect.unreachable()).stop();
    const running = checker.start(probe(type, port), () => expect.unreachable());
    await new Promise((resolve) => process.nextTick(resolve));
    running.stop();
    await check(probe('tcp', port), { ...socketCheckers(), tcp });
    // One that the kernel has made meanwhile may come, but none that would be made later.
    expect(connections).toBeLessThanOrEqual(2);
    expect(process.getActiveResourcesInfo()).not.toContain('TCPConnectWrap');
  });

  it('says what it waits for', async () => {
    const port = await serving((socket) => socket.resume());
    const more = { expect: Buffer.from('PONG') };
    const running = socketCheckers().tcp.start(probe('tcp', port, more), () => expect.unreachable());
    expect(running.phase).toBe('connecting');
    await untilPhase(running, 'waiting for the answer');
    running.stop();
  });
});

/** Turns of the event loop until then; ends with the test's own timeout. */
async function untilPhase(running: RunningCheck, phase: string): Promise<void> {
  while (running.phase !== phase) await new Promise((resolve) => setImmediate(resolve));
}

describe('http', () => {
  const serving = (listener: RequestListener) => listening(createHttp(listener));

  it.each([
    [200, '200-399', passed('status 200')],
    [404, '200-399', failed('status 404, expected 200-399')],
    [404, '200-299,404', passed('status 404')],
    [503, '200', failed('status 503, expected 200')],
  ])('status %d where %s is expected', async (code, statusText, result) => {
    const port = await serving((_, response) => response.writeHead(code).end('body'));
    expect(await check(probe('http', port, { statusText, status: parseStatus(statusText) }))).toEqual(result);
  });

  it('asks for the path on the host, and for the connection to be closed', async () => {
    const asked: unknown[] = [];
    const port = await serving(({ method, url, headers }, response) => {
      asked.push([method, url, headers.host, headers.connection]);
      response.end();
    });
    await check(probe('http', port, { path: '/health?full=1', host: 'shop.example' }));
    await check(probe('http', port));
    expect(asked).toEqual([
      ['GET', '/health?full=1', `shop.example:${port}`, 'close'],
      ['GET', '/', `127.0.0.1:${port}`, 'close'],
    ]);
  });

  it('does not follow redirects', async () => {
    let asked = 0;
    const port = await serving((_, response) => {
      asked++;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await check(probe('http', port))).toEqual(passed('status 302'));
    expect(asked).toBe(1);
  });

  it('does not read a body for ever', async () => {
    const port = await serving((_, response) => {
      const more = () => {
        while (response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    });
    expect(await check(probe('http', port))).toEqual(passed('status 200'));
  });

  it('knows the result before the body has come', async () => {
    const port = await serving((_, response) => response.writeHead(200).write('the rest never comes'));
    const running = socketCheckers().http.start(probe('http', port), () => expect.unreachable());
    while (running.early === undefined) await new Promise((resolve) => setImmediate(resolve));
    expect(running.early).toEqual(passed('status 200'));
    running.stop();
  });

  it('fails when the server answers something else', async () => {
    const port = await listening(createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')));
    expect(await check(probe('http', port))).toEqual(failed('the answer is not HTTP'));
  });

  it('fails when the server closes without an answer', async () => {
    const port = await listening(createServer((socket) => socket.end()));
    expect(await check(probe('http', port))).toEqual(failed('connection closed, waiting for the answer'));
  });

  it('fails when nobody listens', async () => {
    expect(await check(probe('http', await freePort()))).toEqual(failed('connection refused'));
  });
});

describe('https', () => {
  let folder: string;
  const file = (name: string) => readFileSync(join(folder, name));

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lb-health-'));
    const openssl = (words: string) => execFileSync('openssl', words.split(' '), { cwd: folder, stdio: 'pipe' });
    for (const [name, days] of Object.entries({ good: 2, expired: -1 })) {
      const names = '-subj /CN=shop.example -addext subjectAltName=DNS:shop.example,IP:127.0.0.1';
      const key = `-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${name}.key`;
      openssl(`req ${key} -out ${name}.csr ${names}`);
      const request = `-req -in ${name}.csr -signkey ${name}.key -copy_extensions copy`;
      openssl(`x509 ${request} -days ${days} -out ${name}.pem`);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const serving = (name: string, listener: RequestListener = (_, response) => response.end()) =>
    listening(createHttps({ key: file(`${name}.key`), cert: file(`${name}.pem`) }, listener));
  const trusting = (name: string) => socketCheckers({ ca: file(`${name}.pem`) });

  it('passes where the certificate is valid for the host, or for the address if there is none', async () => {
    let servername: string | false | undefined;
    const port = await serving('good', ({ socket }, response) => {
      servername = (socket as import('node:tls').TLSSocket & { servername?: string | false }).servername;
      response.end();
    });
    expect(await check(probe('https', port, { host: 'shop.example' }), trusting('good'))).toEqual(passed('status 200'));
    expect(servername).toBe('shop.example');
    expect(await check(probe('https', port), trusting('good'))).toEqual(passed('status 200'));
    expect(servername).toBe(false);
  });

  it('fails where it is of another host', async () => {
    const port = await serving('good');
    const result = await check(probe('https', port, { host: 'bank.example' }), trusting('good'));
    expect(result).toEqual(failed('certificate of another host'));
  });

  it('fails where it is of nobody known, unless that does not matter', async () => {
    const port = await serving('good');
    expect(await check(probe('https', port))).toEqual(failed('certificate self-signed'));
    expect(await check(probe('https', port, { tlsVerify: false }))).toEqual(passed('status 200'));
  });

  it('fails where it has expired', async () => {
    const port = await serving('expired');
    expect(await check(probe('https', port), trusting('expired'))).toEqual(failed('certificate expired'));
  });

  it('fails where the server does not speak TLS', async () => {
    const port = await listening(createHttp((_, response) => response.end()));
    expect((await check(probe('https', port))).reason).toMatch(/^TLS failed: [a-z ]+$/);
  });

  it('fails where the server closes in the handshake', async () => {
    const port = await listening(createServer((socket) => socket.once('data', () => socket.end())));
    expect(await check(probe('https', port))).toEqual(failed('connection closed, in the TLS handshake'));
  });

  describe('over kept connections', () => {
    /** A server, what it has seen, and checkers that may keep connections to it. */
    async function keeping(listener: RequestListener = (_, response) => response.end('ok')) {
      const server = createHttps({ key: file('good.key'), cert: file('good.pem') }, listener);
      const connections: Socket[] = [];
      server.on('secureConnection', (socket: Socket) => connections.push(socket));
      const port = await listening(server);
      const kept = (reuseMs: number, more: Partial<Probe> = {}) => probe('https', port, { reuseMs, ...more });
      return { connections, kept, checkers: trusting('good') };
    }

    /** Unlike `once`, takes a reset for an end as well. */
    const closing = (socket: Socket) => new Promise((resolve) => socket.on('close', resolve));

    it('asks again over the connection that is there, and only what may share it', async () => {
      const asked: (string | undefined)[] = [];
      const { connections, kept, checkers } = await keeping(({ url, headers }, response) => {
        asked.push(`${url} ${headers.connection}`);
        response.end('ok');
      });
      for (const path of ['/a', '/b', '/c']) {
        expect(await check(kept(60_000, { path }), checkers)).toEqual(passed('status 200'));
      }
      expect(asked).toEqual(['/a keep-alive', '/b keep-alive', '/c keep-alive']);
      expect(connections).toHaveLength(1);
      await check(kept(60_000, { host: 'shop.example' }), checkers);
      await check(kept(60_000, { tlsVerify: false }), checkers);
      expect(connections).toHaveLength(3);
      await check(kept(0), checkers);
      expect(connections).toHaveLength(4);
    });

    it('leaves nothing behind on the connection however often it is used', async () => {
      const warned = vi.fn();
      process.on('warning', warned);
      const { kept, checkers } = await keeping();
      for (let i = 0; i < 20; i++) await check(kept(60_000), checkers);
      process.off('warning', warned);
      expect(warned).not.toHaveBeenCalled();
    });

    it('makes a new one when the time of the old one is over', async () => {
      const { connections, kept, checkers } = await keeping();
      vi.useFakeTimers({ toFake: ['performance'] });
      try {
        await check(kept(10_000), checkers);
        vi.advanceTimersByTime(9_999);
        // The time is up at the end of this one.
        const closed = closing(connections[0]!);
        vi.advanceTimersByTime(1);
        await check(kept(10_000), checkers);
        await closed;
        await check(kept(10_000), checkers);
        expect(connections).toHaveLength(2);
      } finally {
        vi.useRealTimers();
      }
    });

    it('ends an idle one by itself', async () => {
      const { connections, kept, checkers } = await keeping();
      await check(kept(20), checkers);
      await closing(connections[0]!);
    });

    it('asks over a new one where the server has closed the old one, before or in answer to the request', async () => {
      let answers = 0;
      const { connections, kept, checkers } = await keeping(({ socket }, response) => {
        if (++answers === 2) socket.destroy();
        else response.end('ok');
      });
      await check(kept(60_000), checkers);
      expect(await check(kept(60_000), checkers)).toEqual(passed('status 200'));
      expect([answers, connections.length]).toEqual([3, 2]);
      await check(kept(60_000), checkers);
      connections.at(-1)!.destroy();
      expect(await check(kept(60_000), checkers)).toEqual(passed('status 200'));
    });

    it('finds a dead server at once', async () => {
      const { kept, checkers } = await keeping();
      await check(kept(60_000), checkers);
      open.pop()!();
      expect(await check(kept(60_000), checkers)).toEqual(failed('connection refused'));
    });

    it('does not go on with one whose answer came in part, or that the server wants closed', async () => {
      const { connections, kept, checkers } = await keeping(({ url }, response) => {
        if (url === '/large') response.write(Buffer.alloc(200_000));
        else if (url === '/close') response.setHeader('connection', 'close').end('ok');
        else response.end('ok');
      });
      for (const path of ['/large', '/close', '/']) {
        expect(await check(kept(60_000, { path }), checkers)).toEqual(passed('status 200'));
      }
      expect(connections).toHaveLength(3);
    });

    it('ends the one over which a check was stopped', async () => {
      let hangs: () => void;
      const hanging = new Promise<void>((resolve) => {
        hangs = resolve;
      });
      const { connections, kept, checkers } = await keeping(({ url }, response) => {
        if (url === '/') response.end('ok');
        else hangs();
      });
      await check(kept(60_000), checkers);
      const running = checkers.https.start(kept(60_000, { path: '/hang' }), () => expect.fail('it is over'));
      expect(running.phase).toBe('waiting for the answer');
      await hanging;
      const closed = closing(connections[0]!);
      running.stop();
      await closed;
      expect(await check(kept(60_000), checkers)).toEqual(passed('status 200'));
      expect(connections).toHaveLength(2);
    });
  });
});

describe('udp', () => {
  async function serving(answer: (socket: UdpSocket, message: Buffer, port: number) => void, host = '127.0.0.1') {
    const socket = createSocket(host === '::1' ? 'udp6' : 'udp4');
    socket.on('message', (message, { port }) => answer(socket, message, port));
    open.push(() => socket.close());
    socket.bind(0, host);
    await once(socket, 'listening');
    return socket.address().port;
  }

  it('passes when answered', async () => {
    const port = await serving((socket, message, to) => {
      expect(message).toEqual(Buffer.of(0, 1, 255));
      socket.send('pong', to, '127.0.0.1');
    });
    expect(await check(probe('udp', port, { send: Buffer.of(0, 1, 255) }))).toEqual(passed('answered'));
  });

  it('looks for the expected text', async () => {
    const port = await serving((socket, message, to) => socket.send(`you said ${message}`, to, '::1'), '::1');
    const asked = (text: string) => ({ address: '::1', send: Buffer.from('ping'), expect: Buffer.from(text) });
    expect(await check(probe('udp', port, asked('said ping')))).toEqual(passed('expected answer'));
    expect(await check(probe('udp', port, asked('pong')))).toEqual(failed('answer without the expected text'));
  });

  it('fails when the host says that nobody listens', async () => {
    const port = await serving(() => undefined);
    open.splice(0).forEach((close) => {
      close();
    });
    expect(await check(probe('udp', port))).toEqual(failed('port unreachable'));
  });

  it('ends with what the system says to an address that no socket may be connected to, as where no route leads', async () => {
    expect(await check(probe('udp', 53, { address: '255.255.255.255' }))).toMatchObject({ ok: false });
  });

  it('sends an empty datagram where nothing is to be sent', async () => {
    const port = await serving((socket, message, to) => socket.send(`${message.length}`, to, '127.0.0.1'));
    expect(await check(probe('udp', port, { expect: Buffer.from('0') }))).toEqual(passed('expected answer'));
  });
});

describe('icmp', () => {
  it('is not made, and nothing held against the server, without a sender', async () => {
    const result = await check(probe('icmp', 0));
    expect(result).toEqual({ ok: false, local: true, reason: 'no check: ICMP needs the native library' });
  });

  it('passes with the reply, fails with the error of a router or of this host', async () => {
    const echo = (answer: string | undefined) => ({
      echo: (_: string, answered: (failure?: string) => void) => {
        setImmediate(answered, answer);
        return () => undefined;
      },
    });
    expect(await check(probe('icmp', 0), socketCheckers({ echo: echo(undefined) }))).toEqual(passed('echo reply'));
    expect(await check(probe('icmp', 0), socketCheckers({ echo: echo('host unreachable') }))).toEqual(
      failed('host unreachable'),
    );
    const failing = (code: string) => ({
      echo: () => {
        throw Object.assign(new Error(code), { code });
      },
    });
    expect(await check(probe('icmp', 0), socketCheckers({ echo: failing('ENETUNREACH') }))).toEqual(
      failed('no route to the host'),
    );
    expect(await check(probe('icmp', 0), socketCheckers({ echo: failing('ENOBUFS') }))).toMatchObject({ local: true });
  });
});

it('makes no check by another way than the one that is wanted', async () => {
  const port = await listening(createServer());
  const route = { encap: 'gre4', destination: '192.0.2.1', source: undefined, dscp: 0 } as const;
  const reason = 'no check: there is no way through the encapsulation';
  expect(await check(probe('tcp', port, { route }))).toEqual({ ok: false, local: true, reason });
  const start = (_: Probe, done: (result: CheckResult) => void) => {
    setImmediate(done, failed('through the encapsulation'));
    return { phase: '', stop: () => undefined };
  };
  const checkers = socketCheckers({ encap: { checker: () => ({ start }) } });
  expect(await check(probe('tcp', port, { route }), checkers)).toEqual(failed('through the encapsulation'));
  expect(await check(probe('tcp', port), checkers)).toEqual(passed('connected'));
});
