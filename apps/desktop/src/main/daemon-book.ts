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
  z.strictObject({
    id: z.string(),
    kind: z.literal('ssh'),
    name: z.string(),
    destination: z.string(),
    socketPath: z.string(),
  }),
]);
const bookSchema = z.strictObject({ daemons: z.array(entrySchema) });

type Entry = z.output<typeof entrySchema>;

/** A daemon as it was added; without its token if that could not be kept. */
export type KnownDaemon = { readonly id: string } & NewDaemon;

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
      if (entry.kind !== 'tcp') return entry;
      const { sealedToken, ...others } = entry;
      const token = this.secrets.open(sealedToken);
      return { ...others, ...(token !== undefined && { token }) };
    });
  }

  add(id: string, daemon: NewDaemon): void {
    this.file.write({ daemons: [...this.entries(), this.entryOf(id, daemon)] });
  }

  change(id: string, daemon: NewDaemon): void {
    const daemons = this.entries().map((entry) => (entry.id === id ? this.entryOf(id, daemon) : entry));
    this.file.write({ daemons });
  }

  remove(id: string): void {
    this.file.write({ daemons: this.entries().filter((entry) => entry.id !== id) });
  }

  private entries(): Entry[] {
    return this.file.read()?.daemons ?? [];
  }

  private entryOf(id: string, daemon: NewDaemon): Entry {
    if (daemon.kind !== 'tcp') return { id, ...daemon };
    const { token, ...others } = daemon;
    const sealedToken = token === undefined ? undefined : this.secrets.seal(token);
    return { id, ...others, ...(sealedToken !== undefined && { sealedToken }) };
  }
}
