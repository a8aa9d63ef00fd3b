/** A message of a stream of server-sent events. */
export interface SseMessage {
  readonly event: string;
  readonly data: string;
  readonly id?: string;
}

/** Reads server-sent events (HTML standard, 9.2.6) from text in pieces of any size. */
export class SseParser {
  /** Milliseconds after which the server wants a lost connection to be made again. */
  retryMs: number | undefined;
  private rest = '';
  private event = '';
  private data: string[] = [];
  private id: string | undefined;

  /** Messages that are complete now. */
  push(text: string): SseMessage[] {
    const lines = (this.rest + text).split(/\r\n|\n|\r/);
    this.rest = lines.pop()!;
    return lines.flatMap((line) => this.take(line) ?? []);
  }

  private take(line: string): SseMessage | undefined {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.event = value;
    else if (field === 'data') this.data.push(value);
    else if (field === 'id') this.id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
    return undefined;
  }

  private dispatch(): SseMessage | undefined {
    const { event, data, id } = this;
    this.event = '';
    this.data = [];
    this.id = undefined;
    if (data.length === 0) return undefined;
    return { event: event || 'message', data: data.join('\n'), ...(id !== undefined && { id }) };
  }
}
