/** What one check has found. */
export interface CheckResult {
  readonly ok: boolean;
  /** For people: `connected`, `connection refused`, `status 503, expected 200-399`. */
  readonly reason: string;
  /**
   * The check could not be made for a reason of this machine, such as no free port. It says nothing about the server, and
   * is not counted.
   */
  readonly local?: true;
}

export const passed = (reason: string): CheckResult => ({ ok: true, reason });
export const failed = (reason: string): CheckResult => ({ ok: false, reason });
export const notMade = (reason: string): CheckResult => ({ ok: false, reason, local: true });

/** The result that the error of a socket stands for. */
export function resultOfError(error: Error): CheckResult {
  const { code = '' } = error as NodeJS.ErrnoException;
  const local = LOCAL_ERRORS[code];
  if (local !== undefined) return notMade(local);
  const known = ERRORS[code];
  if (known !== undefined) return failed(known);
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return failed(`TLS failed: ${tlsWords(error)}`);
  if (code.startsWith('HPE_')) return failed('the answer is not HTTP');
  return failed(`${error.message}${code === '' || error.message.includes(code) ? '' : ` (${code})`}`);
}

/** Want of resources here, or a rule of this machine's own firewall. */
const LOCAL_ERRORS: Readonly<Record<string, string>> = {
  EMFILE: 'no check: this process has too many open files',
  ENFILE: 'no check: this machine has too many open files',
  EADDRNOTAVAIL: 'no check: no free local port',
  EADDRINUSE: 'no check: no free local port',
  ENOBUFS: 'no check: this machine is out of network buffers',
  ENOMEM: 'no check: this machine is out of memory',
  EAFNOSUPPORT: 'no check: this machine has no IPv6',
  EACCES: 'no check: not permitted on this machine',
  EPERM: 'no check: not permitted on this machine',
};

const ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed',
  EHOSTUNREACH: 'host unreachable',
  EHOSTDOWN: 'host unreachable',
  ENETUNREACH: 'no route to the host',
  ENETDOWN: 'network down',
  ENONET: 'no route to the host',
  ETIMEDOUT: 'connection timed out',
  EMSGSIZE: 'the request does not fit into one packet',
  CERT_HAS_EXPIRED: 'certificate expired',
  CERT_NOT_YET_VALID: 'certificate not valid yet',
  CERT_REVOKED: 'certificate revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate of an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate of an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate of an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate of an unknown authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate of another host',
};

/** The words of OpenSSL within `80…:error:0A000438:SSL routines:ssl3_read_bytes:tlsv1 alert internal error:…`. */
function tlsWords(error: Error): string {
  const parts = error.message.split(':');
  const at = parts.indexOf('SSL routines');
  return (at < 0 ? undefined : parts[at + 2]) ?? error.message;
}
