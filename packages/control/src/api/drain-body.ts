import type { FastifyReply, FastifyRequest } from 'fastify';

/** What is read, and thrown away, of a body whose request is refused. */
const DRAINED_BYTES = 6 * 1024 * 1024;
const DRAINED_MS = 1000;

/**
 * For a request that is answered before its body has come. A connection that ended at once would break under a client
 * that is still sending, before it has read the answer; so a little more is read. A body that ends soon costs nothing.
 */
export function drainBody({ raw }: FastifyRequest, reply: FastifyReply): void {
  if (raw.complete) return;
  // Fastify asks for the end of the connection, which Node brings about together with that of the answer.
  reply.removeHeader('connection');
  const breakOff = (): void => {
    raw.destroy();
  };
  let timer: NodeJS.Timeout | undefined;
  let left = DRAINED_BYTES;
  // From now on, as Node reads all of a body that nobody has begun to read when the answer is sent.
  raw.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0 && reply.raw.writableFinished) breakOff();
  });
  reply.raw.once('finish', () => {
    if (!raw.complete) timer = setTimeout(breakOff, DRAINED_MS);
  });
  for (const over of ['end', 'close']) raw.once(over, () => clearTimeout(timer));
}
