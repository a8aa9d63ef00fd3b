/**
 * UDP flows that each ask the TXT question `name.test` several times from one port: see e2e/support/dns-flows.ts.
 *
 *     node dns-flows.mjs '{"host": …, "port": …, "flows": …, "questions": …, "timeoutMs": …}'
 */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

const { host, port, flows, questions, timeoutMs } = JSON.parse(process.argv[2] ?? '{}');

const report = {
  answers: 0,
  moved: 0,
  /** @type {Record<string, number>} */ servers: {},
  /** @type {Record<string, number>} */ failures: {},
};

/**
 * Open until all are done: the kernel would give a closed one's port to a later flow.
 * @type {import('node:dgram').Socket[]}
 */
const sockets = [];

for (let flow = 0; flow < flows; flow++) await ask(flow);
for (const socket of sockets) socket.close();
process.stdout.write(`${JSON.stringify(report)}\n`);

/** @param {number} flow */
async function ask(flow) {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  sockets.push(socket);
  await new Promise((resolve) => socket.connect(port, host, () => resolve(undefined)));
  let server;
  for (let number = 0; number < questions; number++) {
    const outcome = await answer(socket, question((flow * questions + number) & 0xffff));
    if (outcome.name === undefined) {
      report.failures[outcome.problem] = (report.failures[outcome.problem] ?? 0) + 1;
      continue;
    }
    report.answers++;
    if (server === undefined) report.servers[outcome.name] = (report.servers[outcome.name] ?? 0) + 1;
    else if (server !== outcome.name) report.moved++;
    server = outcome.name;
  }
}

/**
 * @param {import('node:dgram').Socket} socket
 * @param {Buffer} query
 * @returns {Promise<{name: string, problem?: undefined} | {name?: undefined, problem: string}>}
 */
function answer(socket, query) {
  return new Promise((resolve) => {
    /** @param {Awaited<ReturnType<typeof answer>>} outcome */
    const settle = (outcome) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      resolve(outcome);
    };
    const timer = setTimeout(() => settle({ problem: 'timeout' }), timeoutMs);
    // A connected socket hears of ICMP errors.
    socket.on('error', (error) => {
      settle({ problem: /** @type {NodeJS.ErrnoException} */ (error).code ?? error.message });
    });
    socket.on('message', (message) => {
      if (message.readUInt16BE(0) !== query.readUInt16BE(0)) return;
      settle({ name: lastText(message, query.length) });
    });
    socket.send(query);
  });
}

/**
 * A question for TXT of name.test, RFC 1035 section 4.1.
 * @param {number} id
 */
function question(id) {
  const header = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([header, Buffer.from('\x04name\x04test\x00\x00\x10\x00\x01', 'latin1')]);
}

/**
 * The text of the one answer record: a pointer to the name, type, class, time to live and length take 12 bytes, then its length in one.
 * @param {Buffer} message
 * @param {number} at where the answer section begins
 */
function lastText(message, at) {
  return message.toString('latin1', at + 13, at + 13 + message[at + 12]);
}
