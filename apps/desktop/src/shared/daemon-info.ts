import * as z from 'zod';

/** A daemon that the app knows, and how the connection to it is. */
export const daemonInfoSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['embedded', 'unix', 'tcp']),
  state: z.enum(['connecting', 'connected', 'retrying']),
  /** Why it is not connected, or what else is to be known; in words for people. */
  error: z.string().nullable(),
  /** Where it is: path of its socket, or its address. */
  where: z.string(),
});

const name = z.string().trim().min(1, 'a daemon needs a name').max(80);

/** What a daemon is added with. The token stays in the main process from then on. */
export const newDaemonSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('unix'), name, socketPath: z.string().min(1).max(4096) }),
  z.strictObject({
    kind: z.literal('tcp'),
    name,
    url: z.string().min(1).max(2048),
    token: z.string().min(1).max(512),
    /** Certificate in PEM form. */
    ca: z.string().max(65_536).exactOptional(),
    /** SHA-256 of the certificate, in hex. */
    fingerprint: z.string().max(128).exactOptional(),
  }),
]);

export type DaemonInfo = z.output<typeof daemonInfoSchema>;
export type NewDaemon = z.output<typeof newDaemonSchema>;
