import { join } from 'node:path';

/**
 * Where daemon and commands meet unless --socket says otherwise: $LB_SOCKET; else /run/lb/lb.sock for root and
 * lb.sock in $XDG_RUNTIME_DIR, or in a folder of the user's in /tmp, for others; on Windows a named pipe.
 */
export function defaultSocketPath(
  env: NodeJS.ProcessEnv = process.env,
  uid: number | null = process.getuid?.() ?? null,
): string {
  if (env.LB_SOCKET) return env.LB_SOCKET;
  if (uid === null) return '\\\\.\\pipe\\lb';
  if (uid === 0) return '/run/lb/lb.sock';
  return env.XDG_RUNTIME_DIR ? join(env.XDG_RUNTIME_DIR, 'lb.sock') : `/tmp/lb-${uid}/lb.sock`;
}
