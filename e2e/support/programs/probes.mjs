/**
 * One UDP flow that asks the TXT question `name.test` again and again, whether it is answered or not: see e2e/support/probes.ts.
 *
 *     node probes.mjs '{"host": …, "port": …, "intervalMs": …}'
 *
 * Says `asked <number> <ms>` of each question and `answered <number> <ms> <name>` of each answer; times are milliseconds since 1970.
 */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

const { host, port, intervalMs } = JSON.parse(process.argv[2] ?? '{}');
const now = () => (performance.timeOrigin + performance.now()).toFixed(1);
const question = Buffer.from('\0\0\x01\0\0\x01\0\0\0\0\0\0\x04name\x04test\0\0\x10\0\x01', 'latin1');
const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
let number = 0;

// While nobody takes packets there are ICMP errors; the next question is asked all the same.
socket.on('error', () => {});
socket.on('message', (message) => {
  // One answer record behind the question: twelve bytes, then the length of its text in one.
  const at = question.length + 12;
  const name = message.toString('latin1', at + 1, at + 1 + (message[at] ?? 0));
  process.stdout.write(`answered ${message.readUInt16BE(0)} ${now()} ${name}\n`);
});
socket.connect(port, host, () => setInterval(ask, intervalMs));

function ask() {
  question.writeUInt16BE(number & 0xffff, 0);
  process.stdout.write(`asked ${number++ & 0xffff} ${now()}\n`);
  socket.send(question, () => {});
}
