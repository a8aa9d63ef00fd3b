import type { TcpState } from '@lb/control/client';
import { formatAddress, formatPrefix, LbError, parseAddress, parsePrefix } from '@lb/core';

/** What the list is narrowed to, as it was typed; '' for all. */
export interface FlowFilter {
  readonly vip: string;
  readonly as: string;
  readonly client: string;
  readonly state: '' | TcpState;
}

/** What the states of TCP connections mean; in the order of a connection's life. */
export const STATE_TEXTS: Readonly<Record<TcpState, string>> = {
  opening: 'only SYNs have come from the client',
  established: 'data may flow',
  closing: 'a FIN or RST has come',
};

export interface FilterErrors {
  readonly as?: string;
  readonly client?: string;
}

export const ALL_FLOWS: FlowFilter = { vip: '', as: '', client: '', state: '' };

/** The filter as the API takes it, or what is wrong with which field. */
export type FlowQuery =
  | {
      readonly ok: true;
      readonly query: {
        readonly vip?: string;
        readonly as?: string;
        readonly client?: string;
        readonly state?: TcpState;
      };
    }
  | { readonly ok: false; readonly errors: FilterErrors };

export function flowQuery({ vip, as, client, state }: FlowFilter): FlowQuery {
  const asText = read(as, (text) => formatAddress(parseAddress(text)), 'an address, as in 10.0.0.1');
  const clientText = read(client, readClient, 'an address or a prefix, as in 198.51.100.0/24');
  if (asText.error === undefined && clientText.error === undefined) {
    const query = {
      ...(vip !== '' && { vip }),
      ...asText.value('as'),
      ...clientText.value('client'),
      ...(state !== '' && { state }),
    };
    return { ok: true, query };
  }
  const errors = {
    ...(asText.error !== undefined && { as: asText.error }),
    ...(clientText.error !== undefined && { client: clientText.error }),
  };
  return { ok: false, errors };
}

function readClient(text: string): string {
  if (text.includes('/')) return formatPrefix(parsePrefix(text));
  const address = parseAddress(text);
  return formatPrefix({ address, length: address.family === 4 ? 32 : 128 });
}

function read(typed: string, canonical: (text: string) => string, accepted: string) {
  const text = typed.trim();
  if (text === '') return { value: () => ({}) };
  try {
    const value = canonical(text);
    return { value: (name: string) => ({ [name]: value }) };
  } catch (error) {
    if (!(error instanceof LbError)) throw error;
    return { error: `'${text}' is not ${accepted}`, value: () => ({}) };
  }
}
