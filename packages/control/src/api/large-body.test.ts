import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
function upload(head: string, frame: (chunk: Buffer) => Buffer): Promise<{ answer: string; sent: number }> {
  return new Promise((resolve) => {
    const socket = connect({ path });
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
    expect(sent).toBeLessThan(16 * MB);
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * MB);
    expect(test.balancer.revisions.current.number).toBe(1);
  });
});
