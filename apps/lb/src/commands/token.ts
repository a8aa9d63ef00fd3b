import { type Column, tableLines } from '@lb/control';
import type { NewToken } from '@lb/control/client';
import type { Command } from 'commander';
import { addClientOptions, type ClientOptions, withClient } from '../client/connect.js';
import { choice } from '../options.js';
import { type Streams, writeJson, writeLines } from '../streams.js';
import { momentText } from '../text.js';

interface Options extends ClientOptions {
  readonly json?: true;
}

interface NewOptions extends Options {
  readonly role: 'admin' | 'read';
}

const COLUMNS: readonly Column[] = ['NAME', 'ROLE', 'CREATED'].map((title) => ({ title, align: 'left' }));

/** Adds `token list`, `create`, `rotate` and `revoke`. */
export function addToken(program: Command, streams: Streams): void {
  const token = program
    .command('token')
    .summary('manage the tokens that let programs in by --listen')
    .description(
      'Manages the tokens that let programs in by --listen. Only on the machine of the daemon, by its socket.',
    )
    .addHelpText('after', '\nExample:\n  lb token create grafana --role read');
  tokenCommand(token, 'list', 'list the tokens, without what they are').action((options: Options) =>
    list(options, streams),
  );
  tokenCommand(token, 'create', 'make a token, and print it this once')
    .argument('<name>', 'who uses it; changes are noted under this name')
    .addOption(choice('--role <role>', 'what it allows', ['read', 'admin']).makeOptionMandatory())
    .action((name: string, { role, ...options }: NewOptions) =>
      made(
        options,
        streams,
        withClient(options, (client) => client.call('createToken', { body: { name, role } })),
      ),
    );
  tokenCommand(token, 'rotate', 'replace a token, and print the new one this once; the old one is void at once')
    .argument('<name>', 'who uses it')
    .action((name: string, options: Options) =>
      made(
        options,
        streams,
        withClient(options, (client) => client.call('rotateToken', { params: { name } })),
      ),
    );
  tokenCommand(token, 'revoke', 'make a token void')
    .argument('<name>', 'who uses it')
    .action((name: string, options: Options) => revoke(name, options, streams));
}

function tokenCommand(token: Command, name: string, summary: string): Command {
  const description = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  const command = token.command(name).summary(summary).description(description);
  return addClientOptions(command).option('--json', 'print the answer as JSON');
}

async function list(options: Options, { stdout }: Streams): Promise<void> {
  const { tokens } = await withClient(options, (client) => client.call('listTokens', {}));
  const rows = tokens.map(({ name, role, createdAt }) => [name, role, momentText(createdAt)]);
  if (options.json) writeJson(stdout, tokens);
  else writeLines(stdout, rows.length === 0 ? ['no tokens'] : tableLines(COLUMNS, rows));
}

/** Standard output gets the token and nothing else, so that it can be put into a file. */
async function made({ json }: Options, { stdout, stderr }: Streams, token: Promise<NewToken>): Promise<void> {
  const answer = await token;
  if (json) {
    writeJson(stdout, answer);
    return;
  }
  stdout.write(`${answer.token}\n`);
  stderr.write(
    `lb token: ${answer.name} may ${answer.role === 'read' ? 'read' : 'do everything'}; this is shown once\n`,
  );
}

async function revoke(name: string, options: Options, { stdout }: Streams): Promise<void> {
  await withClient(options, (client) => client.call('revokeToken', { params: { name } }));
  if (options.json) writeJson(stdout, {});
  else stdout.write(`token ${name} is void\n`);
}
