import * as z from 'zod';

/** A daemon that the app knows, and how the connection to it is. */
export const daemonInfoSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['embedded', 'unix', 'tcp', 'ssh']),
  state: z.enum(['connecting', 'connected', 'retrying']),
  /** Why it is not connected, or what else is to be known; in words for people. */
  error: z.string().nullable(),
  /** When it is tried again, in ms of this machine's clock; null: not by itself, or it is connected. */
  retryAt: z.number().nullable(),
  /** Where it is: path of its socket, or its address. */
  where: z.string(),
});

const name = z.string().max(200);

/** A daemon as it is typed: text of bounded length. What the texts have to be is said for each field by `daemons.add`. */
export const newDaemonSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('unix'), name, socketPath: z.string().max(4096) }),
  z.strictObject({
    kind: z.literal('tcp'),
    name,
    url: z.string().max(2048),
    /** Stays in the main process from then on. Absent, with `daemons.change`: the one that is known. */
    token: z.string().max(512).exactOptional(),
    /** Certificates in PEM form that the daemon's is signed by, or its own. */
    ca: z.string().max(65_536).exactOptional(),
    /** SHA-256 of the certificate, in hex. */
    fingerprint: z.string().max(128).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('ssh'),
    name,
    /** `user@host:port`, or a host of the SSH client's own configuration. */
    destination: z.string().max(400),
    /** Path of the daemon's socket on that machine. */
    socketPath: z.string().max(4096),
  }),
]);

/** What is wrong with what was typed, field by field; nothing was changed then. */
export const daemonAnswerSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), info: daemonInfoSchema }),
  z.strictObject({
    ok: z.literal(false),
    problems: z.array(z.strictObject({ field: z.string(), message: z.string() })).min(1),
  }),
]);

export type DaemonInfo = z.output<typeof daemonInfoSchema>;
export type NewDaemon = z.output<typeof newDaemonSchema>;
export type DaemonAnswer = z.output<typeof daemonAnswerSchema>;
