import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type Endpoint, LbClient } from '@lb/control/client';
import type { Command } from 'commander';
import { defaultSocketPath } from '../daemon/socket-path.js';
import { cliError } from '../errors.js';

/** Where the daemon is, as the options say it. */
export interface ClientOptions {
  readonly socket?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly fingerprint?: string;
}

/** Adds --socket, and what reaches a daemon on another machine. */
export function addClientOptions(
  command: Command,
  socketText = `control socket of the daemon (default: $LB_SOCKET, or ${defaultSocketPath({})})`,
): Command {
  return command
    .option('--socket <path>', socketText)
    .option('--url <url>', 'a daemon on another machine, as in https://lb1.example.net:8443 (default: $LB_URL)')
    .option('--token-file <file>', 'file with the token for --url (default: the token is in $LB_TOKEN)')
    .option('--ca <file>', 'certificate that the one of --url is signed by, or is, in PEM form')
    .option('--fingerprint <sha256>', 'the SHA-256 of the certificate of --url, in hex');
}

/** Does something with a daemon, and hangs up. */
export async function withClient<T>(options: ClientOptions, work: (client: LbClient) => Promise<T>): Promise<T> {
  const client = new LbClient(endpointOf(options));
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** @throws LbError LB_CLI_USAGE for options that contradict each other or lack another */
export function endpointOf(options: ClientOptions, env: NodeJS.ProcessEnv = process.env): Endpoint {
  const { socket, tokenFile, ca, fingerprint } = options;
  if (socket !== undefined && options.url !== undefined) {
    throw cliError('LB_CLI_USAGE', 'the daemon is either that of --socket or that of --url, not of both');
  }
  const url = options.url ?? (socket === undefined && env.LB_URL ? env.LB_URL : undefined);
  if (url !== undefined) {
    const token = tokenFile === undefined ? env.LB_TOKEN : readFile(tokenFile, '--token-file').trim();
    if (!token) {
      const hint = 'give it in $LB_TOKEN or with --token-file; lb token create makes one';
      throw cliError('LB_CLI_USAGE', `${url} needs a token`, hint);
    }
    return { url, token, ...(ca !== undefined && { ca: readFile(ca, '--ca') }), ...(fingerprint && { fingerprint }) };
  }
  const unused = Object.entries({ '--token-file': tokenFile, '--ca': ca, '--fingerprint': fingerprint });
  const [name] = unused.find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined) throw cliError('LB_CLI_USAGE', `${name} goes with --url, and there is none`);
  const author = personOf(env);
  return { socketPath: socket ?? defaultSocketPath(env), ...(author !== undefined && { author }) };
}

/** The person that changes are noted under: the one behind sudo, too. Names that the daemon does not take are left out. */
function personOf(env: NodeJS.ProcessEnv): string | undefined {
  const name = env.SUDO_USER || userName();
  return name !== undefined && /^[\w.:@+-]{1,64}$/.test(name) ? name : undefined;
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // In a container the user may have no entry in the system's list.
    return undefined;
  }
}

function readFile(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw cliError('LB_CLI_USAGE', `cannot read the file of ${option}: ${(error as Error).message}`);
  }
}
