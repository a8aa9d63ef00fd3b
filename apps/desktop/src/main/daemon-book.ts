import * as z from 'zod';
import type { NewDaemon } from '../shared/daemon-info.js';
import { JsonFile } from './json-file.js';
import type { Secrets } from './secrets.js';

const entrySchema = z.discriminatedUnion('kind', [
  z.strictObject({ id: z.string(), kind: z.literal('unix'), name: z.string(), socketPath: z.string() }),
  z.strictObject({
    id: z.string(),
    kind: z.literal('tcp'),
    name: z.string(),
    url: z.string(),
    /** Encrypted; absent where there is no key store. */
    sealedToken: z.string().exactOptional(),
    ca: z.string().exactOptional(),
    fingerprint: z.string().exactOptional(),
  }),
]);
const bookSchema = z.strictObject({ daemons: z.array(entrySchema) });

type Entry = z.output<typeof entrySchema>;
type TcpDaemon = Extract<NewDaemon, { kind: 'tcp' }>;

/** A daemon as it was added; without its token if that could not be kept. */
export type KnownDaemon = { readonly id: string } & (
  | Extract<NewDaemon, { kind: 'unix' }>
  | (Omit<TcpDaemon, 'token'> & { readonly token: string | undefined })
);

/** The daemons that were added, from start to start. No token is written down in the clear. */
export class DaemonBook {
  private readonly file: JsonFile<typeof bookSchema>;

  constructor(
    path: string,
    private readonly secrets: Secrets,
  ) {
    this.file = new JsonFile(path, bookSchema);
  }

  list(): KnownDaemon[] {
    return this.entries().map((entry) => {
      if (entry.kind === 'unix') return entry;
      const { sealedToken, ...others } = entry;
      return { ...others, token: this.secrets.open(sealedToken) };
    });
  }

  add(id: string, daemon: NewDaemon): void {
    this.file.write({ daemons: [...this.entries(), this.entryOf(id, daemon)] });
  }

  remove(id: string): void {
    this.file.write({ daemons: this.entries().filter((entry) => entry.id !== id) });
  }

  private entries(): Entry[] {
    return this.file.read()?.daemons ?? [];
  }

  private entryOf(id: string, daemon: NewDaemon): Entry {
    if (daemon.kind === 'unix') return { id, ...daemon };
    const { token, ...others } = daemon;
    const sealedToken = this.secrets.seal(token);
    return { id, ...others, ...(sealedToken !== undefined && { sealedToken }) };
  }
}
