/**
 * Many HTTP connections at once, each asking again and again, and which server answered: see e2e/support/http-load.ts.
 *
 *     node http-load.mjs '{"host": …, "port": …, "connections": …, "intervalMs": …, "timeoutMs": …, "requestsPerConnection": …}'
 *
 * Says `open` once every connection had its first answer, and of each failure when it happens; a line on standard input ends it; then
 * prints its report as JSON.
 */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const options = JSON.parse(process.argv[2] ?? '{}');
const { host, port, connections, intervalMs, timeoutMs, requestsPerConnection } = options;
const request = `GET / HTTP/1.1\r\nHost: load.test\r\n\r\n`;

const report = {
  connections: 0,
  requests: 0,
  moved: 0,
  longestWaitMs: 0,
  /** @type {Record<string, number>} */ servers: {},
  /** @type {Record<string, number>} */ failures: {},
  /** @type {import('../http-load.js').Incident[]} */ incidents: [],
};
let waitingForFirst = connections;
let stopping = false;

/** @type {Set<import('node:net').Socket>} */
const active = new Set();

for (let number = 0; number < connections; number++) open(true);
createInterface({ input: process.stdin }).once('line', stop);

function stop() {
  stopping = true;
  // Answers on their way still count: a connection ends after its answer, or at its timeout.
  if (active.size === 0) finish();
}

/** @param {boolean} first whether this is one of the connections that begin the load */
function open(first) {
  const socket = connect({ host, port, noDelay: true });
  active.add(socket);
  let server = '';
  let answers = 0;
  let received = '';
  let askedAt = performance.now();
  /** @type {NodeJS.Timeout | undefined} */
  let pause;
  let asking = true;
  // When it was asked what was answered last, and when what was not.
  let answeredMs = Date.now();
  let askedMs = answeredMs;
  let clientPort = 0;
  let timer = setTimeout(() => fail('timeout'), timeoutMs);

  /** @param {string} reason */
  const note = (reason) => {
    const incident = { reason, server, clientPort, fromMs: answeredMs, askedMs, toMs: Date.now() };
    report.incidents.push(incident);
    process.stdout.write(`incident ${JSON.stringify(incident)}\n`);
  };
  const ask = () => {
    if (stopping) return end();
    askedAt = performance.now();
    askedMs = Date.now();
    asking = true;
    timer = setTimeout(() => fail('timeout'), timeoutMs);
    socket.write(request);
  };
  const end = () => {
    clearTimeout(timer);
    clearTimeout(pause);
    socket.destroy();
    if (!active.delete(socket)) return;
    if (answers === 0 && first) firstAnswered();
    if (stopping && active.size === 0) finish();
  };
  /** @param {string} reason */
  const fail = (reason) => {
    if (!active.has(socket)) return;
    const name = answers === 0 ? `connect: ${reason}` : reason;
    report.failures[name] = (report.failures[name] ?? 0) + 1;
    note(name);
    end();
    // One failure must not take the load away from the rest of the test.
    if (!stopping) setTimeout(open, intervalMs, false);
  };
  const answered = (/** @type {string} */ name) => {
    clearTimeout(timer);
    asking = false;
    report.requests++;
    report.longestWaitMs = Math.max(report.longestWaitMs, performance.now() - askedAt);
    if (answers++ === 0) {
      server = name;
      report.connections++;
      report.servers[name] = (report.servers[name] ?? 0) + 1;
      if (first) firstAnswered();
    } else if (name !== server) {
      report.moved++;
      note(`moved to ${name}`);
      server = name;
    }
    answeredMs = askedMs;
    if (stopping) return end();
    if (answers === requestsPerConnection) {
      end();
      open(false);
      return;
    }
    pause = setTimeout(ask, intervalMs);
  };

  socket.setEncoding('latin1');
  socket.once('connect', () => {
    clientPort = socket.localPort ?? 0;
    askedMs = Date.now();
    socket.write(request);
  });
  socket.on('data', (chunk) => {
    received += chunk;
    const head = received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/^content-length: (\d+)/im.exec(received)?.[1]);
    if (received.length < head + 4 + length) return;
    const body = received.slice(head + 4, head + 4 + length);
    const status = received.slice(0, received.indexOf('\r\n'));
    received = '';
    if (status !== 'HTTP/1.1 200 OK') return fail(status);
    answered(body.trim());
  });
  socket.once('error', (error) => fail(/** @type {NodeJS.ErrnoException} */ (error).code ?? error.message));
  socket.once('end', () => fail(asking ? 'closed before the answer' : 'closed'));
}

function firstAnswered() {
  if (--waitingForFirst === 0) process.stdout.write('open\n');
}

function finish() {
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
}
