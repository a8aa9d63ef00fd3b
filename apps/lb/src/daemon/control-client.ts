import { request } from 'node:http';
import { type Config, ConfigError, type Problem } from '@lb/control';
import { LbError } from '@lb/core';
import type { ErrorAnswer, ExecAnswer, ExecRequest, MessageProblem } from './control-messages.js';
import { daemonError } from './errors.js';

/** Much more than a large change takes. */
const TIMEOUT_MS = 60_000;

/** The commands' end of the control socket: one connection for each request. */
export class ControlClient {
  constructor(private readonly path: string) {}

  /**
   * Have command lines carried out, all or none.
   * @throws ConfigError with line and column for a line that is refused; LbError LB_DAEMON_NOT_THERE, …
   */
  async exec(lines: readonly string[]): Promise<ExecAnswer> {
    const body: ExecRequest = { lines };
    return (await this.send('POST', '/v1/exec', body)) as ExecAnswer;
  }

  async config(): Promise<Config> {
    return (await this.send('GET', '/v1/config')) as Config;
  }

  async killWorker(index: number): Promise<void> {
    await this.send('POST', `/v1/debug/workers/${index}/kill`);
  }

  private async send(method: string, path: string, body?: object): Promise<unknown> {
    const { status, text } = await this.exchange(method, path, body === undefined ? '' : JSON.stringify(body));
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      throw daemonError('LB_DAEMON_ANSWER', `what answers on ${this.path} is not this daemon`);
    }
    if (status >= 200 && status < 300) return answer;
    const { error } = answer as Partial<ErrorAnswer>;
    if (error === undefined) throw daemonError('LB_DAEMON_ANSWER', `${this.path} answers with status ${status}`);
    throw errorOf(error);
  }

  private exchange(method: string, path: string, body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const headers = body === '' ? {} : { 'content-type': 'application/json' };
      const outgoing = request({ socketPath: this.path, method, path, headers, agent: false, timeout: TIMEOUT_MS });
      const fail = (error: NodeJS.ErrnoException) => reject(this.transportError(error));
      outgoing.once('error', fail);
      outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      outgoing.once('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', fail);
        incoming.once('end', () => {
          resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
        });
      });
      outgoing.end(body);
    });
  }

  private transportError({ code, message }: NodeJS.ErrnoException): LbError {
    const hint = 'start it with lb serve, or say where its socket is with --socket';
    const { path } = this;
    if (code === 'ENOENT')
      return daemonError('LB_DAEMON_NOT_THERE', `no daemon runs: there is no socket ${path}`, hint);
    if (code === 'ECONNREFUSED') {
      return daemonError('LB_DAEMON_NOT_THERE', `no daemon runs: nobody listens on ${path}`, hint);
    }
    if (code === 'EACCES') return daemonError('LB_DAEMON_NOT_THERE', `${path} is another user's`, 'use sudo');
    if (code?.startsWith('HPE_')) return daemonError('LB_DAEMON_ANSWER', `what answers on ${path} is not this daemon`);
    return daemonError('LB_DAEMON_NOT_THERE', `the daemon on ${path} does not answer: ${message}`);
  }
}

function errorOf(error: MessageProblem & { readonly problems?: readonly MessageProblem[] }): LbError {
  const { problems = [error] } = error;
  if (!error.code.startsWith('LB_CFG_')) return new LbError(error.code, error.message, error.hint);
  return new ConfigError(problems as unknown as [Problem, ...Problem[]]);
}
