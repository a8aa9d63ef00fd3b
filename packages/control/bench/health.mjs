// Processor time of checking 1,000 ASs once a second, by type of check: one JSON line per type, in processor seconds per
// second (user and system) of the process that checks. The servers are another process, on loopback. ICMP needs root.
//   npx tsc -b packages/control && node packages/control/bench/health.mjs [tcp|http|https|udp|icmp]…
import { execFileSync, fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { EchoSockets } from '@lb/dataplane';
import { HealthMonitor, socketCheckers } from '../dist/health/index.js';
import { parseConfig } from '../dist/index.js';

const ASS = 1000;
const WARM_UP_SEC = 4;
const SECONDS = 10;

if (process.argv[2] === 'serve') await serve(process.argv[3]);
else await bench(process.argv.length > 2 ? process.argv.slice(2) : ['tcp', 'http', 'https', 'udp', 'icmp']);

/** The servers; tells their ports. */
async function serve(folder) {
  const tls = { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) };
  const answer = (_, response) => response.end('ok');
  const servers = {
    tcp: createServer((socket) => socket.on('error', () => undefined).resume()),
    http: createHttp(answer),
    https: createHttps(tls, answer),
  };
  const ports = { icmp: 0 };
  for (const [type, server] of Object.entries(servers)) {
    server.listen(0, '127.0.0.1', 4096);
    await once(server, 'listening');
    ports[type] = server.address().port;
  }
  const udp = createSocket('udp4');
  udp.on('message', (message, { port, address }) => udp.send(message, port, address));
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  ports.udp = udp.address().port;
  process.on('disconnect', () => process.exit());
  process.send(ports);
}

async function bench(types) {
  const folder = mkdtempSync(join(tmpdir(), 'lb-health-'));
  const words =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=server.example -addext subjectAltName=IP:127.0.0.1';
  execFileSync('openssl', words.split(' '), { cwd: folder, stdio: 'ignore' });
  const child = fork(new URL(import.meta.url), ['serve', folder]);
  const [ports] = await once(child, 'message');
  try {
    for (const type of types) await measure(type, ports[type], readFileSync(join(folder, 'cert.pem')));
  } finally {
    child.disconnect();
    rmSync(folder, { recursive: true });
  }
}

async function measure(type, port, ca) {
  const echo = new EchoSockets();
  const monitor = new HealthMonitor({ checkers: socketCheckers({ ca, echo }) });
  const check = { type, interval: 1, timeout: 1, rise: 1, ...(port === 0 ? {} : { port }) };
  const vips = Array.from({ length: ASS }, (_, i) => ({
    prefix: `198.18.${i >> 8}.${i & 255}/32`,
    check: { ...check, ...(type === 'udp' ? { send: 'ping', expect: 'ping' } : {}) },
    ass: [{ address: '127.0.0.1' }],
  }));
  monitor.setTargets(parseConfig({ vips }).config);
  monitor.start();
  const made = () => monitor.view().reduce((sum, { checks }) => sum + checks, 0);
  const values = [];
  await sleep(WARM_UP_SEC * 1000);
  const before = made();
  for (let i = 0; i < SECONDS; i++) {
    const cpu = process.cpuUsage();
    const from = performance.now();
    await sleep(1000);
    const { user, system } = process.cpuUsage(cpu);
    values.push((user + system) / 1000 / (performance.now() - from));
  }
  const checks = made() - before;
  const views = monitor.view();
  monitor.stop();
  echo.close();
  const unhealthy = views.filter(({ health }) => health !== 'healthy');
  if (unhealthy.length > 0)
    throw new Error(`${type}: ${unhealthy.length} not healthy: ${JSON.stringify(unhealthy[0])}`);
  const failures = views.reduce((sum, view) => sum + view.failures, 0);
  const sorted = values.sort((a, b) => a - b);
  const [min, value, max] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map((x) => Number(x.toFixed(3)));
  const machine = `${cpus()[0].model}, Node ${process.version}`;
  const name = `${ASS} ${type} checks a second`;
  console.log(JSON.stringify({ name, unit: 'processor s/s', value, n: SECONDS, min, max, checks, failures, machine }));
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
