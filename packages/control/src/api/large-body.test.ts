import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LbClient } from '../client/index.js';
import { TestApi } from './api.testkit.js';

const MB = 1024 * 1024;
const BODY_BYTES = 100 * MB;
const CHUNK = Buffer.alloc(64 * 1024, 0x20);

let test: TestApi;
let path: string;
beforeEach(async () => {
  test = await TestApi.open();
  path = await test.listen();
});
afterEach(() => test.close());

/** Sends a head and then as much of a body as is taken. */
function upload(
  head: string,
  frame: (chunk: Buffer) => Buffer,
  where: { path: string } | { port: number; host: string } = { path },
): Promise<{ answer: string; sent: number }> {
  return new Promise((resolve) => {
    const socket = connect(where);
    let answer = '';
    let sent = 0;
    const pump = (): void => {
      while (sent < BODY_BYTES && socket.writable) {
        sent += CHUNK.length;
        if (!socket.write(frame(CHUNK))) {
          socket.once('drain', pump);
          return;
        }
      }
    };
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve({ answer, sent }));
    socket.write(head, pump);
  });
}

describe('a body of 100 MB', () => {
  const head = 'PUT /v1/config HTTP/1.1\r\nhost: lb\r\ncontent-type: application/json\r\nif-match: *\r\n';
  const framed = (chunk: Buffer) =>
    Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]);

  it.each([
    ['that says how long it is', `${head}content-length: ${BODY_BYTES}\r\n\r\n`, (chunk: Buffer) => chunk],
    ['that does not', `${head}transfer-encoding: chunked\r\n\r\n`, framed],
  ])('%s is refused long before its end, and not kept', async (_, start, frame) => {
    const before = process.memoryUsage().rss;
    const { answer, sent } = await upload(start, frame);
    expect(answer).toMatch(/^HTTP\/1.1 413 [\s\S]*LB_API_BODY_SIZE/);
    expect(sent).toBeLessThan(BODY_BYTES / 2);
    expect(process.memoryUsage().rss - before).toBeLessThan(80 * MB);
    expect(test.balancer.revisions.current.number).toBe(1);
  });

  it('of a request without a token is not read to its end either', async () => {
    const port = await test.api.listen({ address: '127.0.0.1:0' });
    const { answer, sent } = await upload(`${head}content-length: ${BODY_BYTES}\r\n\r\n`, (chunk) => chunk, {
      port,
      host: '127.0.0.1',
    });
    expect(answer).toMatch(/^HTTP\/1.1 401 [\s\S]*LB_API_TOKEN/);
    expect(sent).toBeLessThan(BODY_BYTES / 2);
  });

  it('or somewhat more than there may be: a client reads the refusal, and goes on', async () => {
    const client = new LbClient({ socketPath: path });
    for (let n = 0; n < 5; n++) {
      const refused = client.exec(Array.from({ length: 550 }, () => 'x'.repeat(9000)));
      await expect(refused).rejects.toMatchObject({ code: 'LB_API_BODY_SIZE', status: 413 });
      expect((await client.status()).revision).toBe(1);
    }
    client.close();
  });
});
