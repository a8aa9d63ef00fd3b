/** Where SSH goes: a host, or a name of the client's own configuration. */
export interface SshDestination {
  readonly user: string | undefined;
  /** An IPv6 address is without brackets. */
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * Narrower than what ssh takes: nothing that it could read as an option, nor anything that would mean something to a shell, as
 * a ProxyCommand of the user's configuration may hand it to one.
 */
const FORM = /^(?:([A-Za-z0-9_][\w.+-]{0,63})@)?(?:\[([\da-fA-F:.]+)\]|([A-Za-z0-9_][\w.-]{0,252}))(?::(\d{1,5}))?$/;

/** `admin@lb1.example.net:2222`, `lb1`, `root@[2001:db8::1]`; undefined for anything else. */
export function parseSshDestination(text: string): SshDestination | undefined {
  const [, user, bracketed, name, digits] = FORM.exec(text) ?? [];
  const host = bracketed ?? name;
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || (port !== undefined && (port < 1 || port > 65_535))) return undefined;
  return { user, host, port };
}

/** The destination as ssh takes it, for people too. */
export function sshTarget({ user, host }: SshDestination): string {
  return user === undefined ? host : `${user}@${host}`;
}
