/**
 * One DNS question at a time over UDP, at random moments, and how long each answer took.
 *
 *     node round-trip.mjs '{"host": …, "port": …, "count": …, "pauseMs": …}'
 *
 * Prints {"us": [round trips in microseconds], "lost": …}.
 */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

const { host, port, count, pauseMs } = JSON.parse(process.argv[2] ?? '{}');
const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
await new Promise((resolve) => socket.connect(port, host, () => resolve(undefined)));

/** RFC 1035 section 4.1: TXT of name.test. */
const question = Buffer.from('\0\0\x01\0\0\x01\0\0\0\0\0\0\x04name\x04test\0\0\x10\0\x01', 'latin1');
const us = [];
let lost = 0;
for (let number = 0; number < count; number++) {
  question.writeUInt16BE(number, 0);
  const took = await roundTrip(number);
  if (took === undefined) lost++;
  else us.push(took);
  if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs * Math.random()));
}
socket.close();
process.stdout.write(`${JSON.stringify({ us, lost })}\n`);

/**
 * @param {number} id
 * @returns {Promise<number | undefined>} microseconds
 */
function roundTrip(id) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(undefined), 1000);
    /** @param {number | undefined} value */
    const settle = (value) => {
      clearTimeout(timer);
      socket.removeAllListeners('message');
      resolve(value);
    };
    const start = performance.now();
    socket.on('message', (answer) => {
      if (answer.readUInt16BE(0) === id) settle((performance.now() - start) * 1000);
    });
    socket.send(question);
  });
}
