import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ConfigError, type Problem } from '@lb/control';
import { LbError } from '@lb/core';
import { answerShow } from './answers.js';
import type { ErrorAnswer, ExecAnswer, ExecRequest, MessageProblem } from './control-messages.js';
import { listenOnSocket } from './control-socket.js';
import type { Daemon } from './daemon.js';
import { daemonError, type LiveWarning } from './errors.js';
import type { Log } from './log.js';

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** The daemon's end of the control socket. Requests that come before the daemon is ready wait for it. */
export class ControlServer {
  private readonly server: Server;

  private constructor(
    private readonly daemon: Promise<Daemon>,
    private readonly log: Log,
  ) {
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  /** @throws LbError LB_DAEMON_SOCKET, LB_DAEMON_SOCKET_LIVE */
  static async listen(path: string, daemon: Promise<Daemon>, log: Log): Promise<ControlServer> {
    const control = new ControlServer(daemon, log);
    await listenOnSocket(control.server, path);
    return control;
  }

  /** Ends all connections and removes the socket. */
  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let status = 200;
    let body: unknown;
    try {
      body = await this.answer(request);
    } catch (error) {
      status = error instanceof LbError ? 400 : 500;
      if (status === 500) this.log.error({ error: String((error as Error).stack ?? error) }, 'a request failed');
      body = errorAnswer(error);
    }
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(body)}\n`);
  }

  private async answer(request: IncomingMessage): Promise<unknown> {
    const { pathname } = new URL(request.url ?? '/', 'http://lb');
    const route = `${request.method} ${pathname}`;
    const [, worker] = /^POST \/debug\/worker\/(\d{1,4})\/kill$/.exec(route) ?? [];
    if (worker !== undefined) {
      (await this.daemon).killWorker(Number(worker));
      return {};
    }
    if (route === 'GET /config') return (await this.daemon).config;
    if (route === 'POST /exec') return this.exec(readExec(await readBody(request)));
    throw daemonError('LB_DAEMON_REQUEST', `the daemon does not know ${route}`);
  }

  private async exec({ lines }: ExecRequest): Promise<ExecAnswer> {
    const daemon = await this.daemon;
    const { effects, warnings } = await daemon.exec(lines);
    const changes = lines.filter((line) => !/^\s*(#|show\b|$)/.test(line));
    if (changes.length > 0) this.log.info({ lines: changes.slice(0, 20), revision: daemon.revision }, 'configuration');
    const answers = effects.flatMap((effect) => (effect.kind === 'show' ? [answerShow(daemon, effect)] : []));
    return {
      output: answers.map(({ text }) => text).join(''),
      json: answers.map(({ json }) => json),
      warnings: warnings.map(messageProblem),
    };
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw daemonError('LB_DAEMON_REQUEST', `a request may have ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function readExec(body: string): ExecRequest {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw daemonError('LB_DAEMON_REQUEST', 'the body is not JSON');
  }
  const { lines } = (value ?? {}) as { lines?: unknown };
  if (!Array.isArray(lines) || !lines.every((line) => typeof line === 'string')) {
    throw daemonError('LB_DAEMON_REQUEST', 'the body must be {"lines": [a string for each command]}');
  }
  if (lines.some((line) => /[\r\n]/.test(line))) {
    throw daemonError('LB_DAEMON_REQUEST', 'a line has a line break in it');
  }
  return { lines };
}

function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof ConfigError) {
    const problems = error.problems.map(messageProblem);
    return { error: { ...problems[0]!, problems } };
  }
  const { message, hint } = error as Partial<LbError>;
  const problem = {
    code: error instanceof LbError ? error.code : 'LB_CLI_BUG',
    message: message ?? String(error),
    ...(hint !== undefined && { hint }),
  };
  return { error: { ...problem, problems: [problem] } };
}

function messageProblem(problem: Problem | LiveWarning): MessageProblem {
  const { code, message, hint } = problem;
  const { line, column } = problem as Problem;
  return {
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  };
}
