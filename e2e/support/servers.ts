import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespace } from './namespace.js';
import type { Running } from './running.js';
import { until } from './until.js';

/** Ports of the programs on an application server: those of the VIPs, and those that NAT turns them into. */
export const serverPorts = { http: 80, httpTarget: 8080, dns: 5353, iperf3: 5201 } as const;

/** Bytes of the page `/large`. */
export const largePageBytes = 1_000_000;

/** A port of HTTPS, with certificate and key in PEM files. */
export interface HttpsPort {
  readonly port: number;
  readonly cert: string;
  readonly key: string;
}

/**
 * nginx that tells its name: every page is the name, `/large` is long, and `/upload` takes a body whole, then answers the name and
 * how many bytes the request had. Connections are kept as long as the client likes.
 */
export async function startNginx(
  ns: Namespace,
  ports: readonly number[],
  name = ns.title,
  https?: HttpsPort,
): Promise<Running> {
  // A folder for each start: a killed nginx leaves its Unix socket behind, on which the next could not listen.
  const folder = mkdtempSync(join(ns.folder, `${ns.title}-nginx-`));
  mkdirSync(join(folder, 'www'));
  writeFileSync(join(folder, 'www', 'large'), Buffer.alloc(largePageBytes, `${name}\n`));
  writeFileSync(join(folder, 'nginx.conf'), nginxConfig(folder, ports, name, https));
  const nginx = ns.start('nginx', '-c', join(folder, 'nginx.conf'));
  await listens(ns, nginx, 'tcp', [...ports, ...(https ? [https.port] : [])]);
  return nginx;
}

/** dnsmasq that answers the TXT question `name.test` with its name, to whichever of its host's addresses it was asked. */
export async function startDns(ns: Namespace, port: number, name = ns.title): Promise<Running> {
  const dnsmasq = ns.start(
    ...['dnsmasq', '--no-daemon', '--conf-file=/dev/null', '--user=root', '--pid-file=', '--no-resolv', '--no-hosts'],
    ...[`--port=${port}`, `--txt-record=name.test,${name}`],
  );
  await listens(ns, dnsmasq, 'udp', [port]);
  return dnsmasq;
}

/** iperf3 on one address of its host: on all of them its UDP answers would come from another than was asked. */
export async function startIperf3(ns: Namespace, address: string): Promise<Running> {
  const iperf3 = ns.start('iperf3', '--server', '--forceflush', '--bind', address, '--port', `${serverPorts.iperf3}`);
  await iperf3.says(/Server listening/);
  return iperf3;
}

/** The programs of one application server. */
export interface Server {
  readonly ns: Namespace;
  readonly nginx: Running;
  readonly dns: Running;
}

/** Starts HTTP and DNS on all servers. */
export function startServers(machines: readonly { readonly ns: Namespace }[]): Promise<Server[]> {
  return Promise.all(
    machines.map(async ({ ns }) => ({
      ns,
      nginx: await startNginx(ns, [serverPorts.http, serverPorts.httpTarget]),
      dns: await startDns(ns, serverPorts.dns),
    })),
  );
}

async function listens(ns: Namespace, program: Running, protocol: 'tcp' | 'udp', ports: readonly number[]) {
  await until(`${program.title} listens on ${protocol} ${ports.join(', ')}`, async () => {
    if (program.ending !== undefined) throw new Error(program.output);
    const sockets = await ns.must('ss', '--no-header', '--numeric', '--listening', `--${protocol}`);
    const local = sockets.split('\n').map((line) => line.trim().split(/\s+/)[3] ?? '');
    return ports.every((port) => local.some((address) => address.endsWith(`:${port}`)));
  });
}

function nginxConfig(folder: string, ports: readonly number[], name: string, https?: HttpsPort): string {
  const listen = ports.flatMap((port) => [`listen ${port} backlog=4096;`, `listen [::]:${port} backlog=4096;`]);
  if (https !== undefined) {
    const { port, cert, key } = https;
    listen.push(
      `listen ${port} ssl;`,
      `listen [::]:${port} ssl;`,
      `ssl_certificate ${cert};`,
      `ssl_certificate_key ${key};`,
    );
  }
  const scratch = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (what) => `${what}_temp_path ${folder}/${what};`,
  );
  return `daemon off;
master_process off;
user root;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx.log;
events { worker_connections 8192; }
http {
  access_log off;
  default_type text/plain;
  keepalive_timeout 300s;
  keepalive_requests 10000000;
  client_max_body_size 64m;
  ${scratch.join('\n  ')}
  server {
    ${listen.join('\n    ')}
    location / { return 200 "${name}\\n"; }
    location = /large { root ${folder}/www; }
    location = /upload {
      proxy_set_header X-Request-Length $request_length;
      proxy_pass http://unix:${folder}/upload.sock;
    }
  }
  server {
    listen unix:${folder}/upload.sock;
    location / { return 200 "${name} $http_x_request_length\\n"; }
  }
}
`;
}
