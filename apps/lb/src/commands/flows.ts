import { type Column, tableLines, type VipRef, vipId, vipRefOf } from '@lb/control';
import { type FlowPage, type FlowView, type LbClient, TCP_STATES, type TcpState } from '@lb/control/client';
import type { Command } from 'commander';
import { addClientOptions, type ClientOptions, withClient } from '../client/connect.js';
import { vipNamed } from '../client/find-ass.js';
import { choice, wholeNumber } from '../options.js';
import { type Streams, writeJson, writeLines } from '../streams.js';
import { exactText } from '../text.js';

interface Options extends ClientOptions {
  readonly vip?: string;
  readonly port?: number;
  readonly protocol?: 'tcp' | 'udp';
  readonly as?: string;
  readonly client?: string;
  readonly state?: TcpState;
  readonly limit: number;
  readonly json?: true;
}

/** As many as one answer may have. */
const PAGE = 10_000;

const COLUMNS: readonly Column[] = [
  ...['PROTOCOL', 'CLIENT', 'DESTINATION', 'VIP', 'AS', 'STATE'].map((title): Column => ({ title, align: 'left' })),
  { title: 'WORKER', align: 'right' },
  { title: 'EXPIRES IN', align: 'right' },
];

export function addFlows(program: Command, streams: Streams): void {
  const flows = program
    .command('flows')
    .summary('list established flows, or find one')
    .description('Lists the established flows in the flow tables of all workers, or finds the entry of one flow.')
    .argument('[flow]', "'<src>:<port> > <dst>:<port>/<tcp|udp>', or '<src> > <dst>/icmp'; IPv6 in brackets")
    .option('--vip <vip>', 'only those of this VIP, as in 90.0.0.0/8 or 90.1.2.1/32,tcp,80')
    .addOption(wholeNumber('--port <n>', 'the VIP with this port, when the prefix has several', 1, 65535))
    .addOption(choice('--protocol <name>', 'the VIP for this protocol, likewise', ['tcp', 'udp']))
    .option('--as <address>', 'only those of this application server')
    .option('--client <prefix>', 'only those of clients in this prefix')
    .addOption(choice('--state <state>', 'only TCP connections in this state', TCP_STATES))
    .addOption(wholeNumber('--limit <n>', 'how many', 1, 100_000_000).default(100));
  addClientOptions(flows)
    .option('--json', 'print everything as JSON')
    .addHelpText('after', '\nExample:\n  lb flows --as 10.0.0.1 --limit 20')
    .action((flow: string | undefined, options: Options) =>
      flow === undefined ? runFlows(options, streams) : runLookup(flow, options, streams),
    );
}

async function runFlows(options: Options, { stdout }: Streams): Promise<void> {
  const { flows, total } = await withClient(options, async (client) => {
    const vip = options.vip === undefined ? undefined : await vipOf(client, options, options.vip);
    return collect(client, vip, options);
  });
  if (options.json) {
    writeJson(stdout, { flows, ...(total !== undefined && { total }) });
    return;
  }
  writeLines(stdout, flows.length === 0 ? ['no flows'] : tableLines(COLUMNS, flows.map(cells)));
  if (total !== undefined && total > flows.length) {
    stdout.write(`… and ${exactText(total - flows.length)} more; --limit shows them\n`);
  }
}

async function runLookup(text: string, options: Options, { stdout }: Streams): Promise<void> {
  const { flow, entry } = await withClient(options, (client) => client.call('lookupFlow', { query: { flow: text } }));
  if (options.json) writeJson(stdout, { flow, entry });
  else writeLines(stdout, entry === null ? [`${flow} is in no flow table`] : tableLines(COLUMNS, [cells(entry)]));
}

async function vipOf(client: LbClient, { port, protocol }: Options, vip: string): Promise<VipRef> {
  const { config } = await client.config();
  return vipRefOf(vipNamed(config, { vip, ...(port !== undefined && { port }), ...(protocol && { protocol }) }));
}

/** Page after page, up to the limit. */
async function collect(client: LbClient, vip: VipRef | undefined, options: Options): Promise<FlowPage> {
  const flows: FlowView[] = [];
  let total: number | undefined;
  let cursor: string | undefined;
  do {
    const query = {
      limit: String(Math.min(PAGE, options.limit - flows.length)),
      ...(vip && { vip: vipId(vip) }),
      ...(options.as !== undefined && { as: options.as }),
      ...(options.client !== undefined && { client: options.client }),
      ...(options.state !== undefined && { state: options.state }),
      ...(cursor !== undefined && { cursor }),
    };
    const page: FlowPage = await client.call('listFlows', { query });
    for (const flow of page.flows) flows.push(flow);
    total ??= page.total;
    cursor = page.cursor;
  } while (cursor !== undefined && flows.length < options.limit);
  return { flows, ...(total !== undefined && { total }) };
}

function cells({
  protocol,
  client,
  clientPort,
  destination,
  destinationPort,
  vip,
  as,
  state,
  ...rest
}: FlowView): string[] {
  return [
    protocol ?? '-',
    endpointText(client, clientPort),
    endpointText(destination, destinationPort),
    vip,
    as,
    state ?? '-',
    String(rest.worker),
    `${rest.expiresInSec.toFixed(1)} s`,
  ];
}

/** What cannot be told from the entry is `-`. */
function endpointText(address: string | null, port: number | null): string {
  if (address === null) return '-';
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
