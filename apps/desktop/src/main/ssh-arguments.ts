import { type SshDestination, sshTarget } from './ssh-destination.js';

/**
 * The arguments with which ssh does nothing but forward: no command, no terminal, no question to anybody, and an end when it cannot
 * forward, or when the other side is silent for fifteen seconds. Keys and all else are those of the user's own configuration.
 * @param localPath of the socket that ssh makes
 * @param remotePath of the daemon's socket on the other machine
 */
export function sshArguments(destination: SshDestination, localPath: string, remotePath: string): string[] {
  const options = {
    BatchMode: 'yes',
    ExitOnForwardFailure: 'yes',
    ConnectTimeout: '15',
    ServerAliveInterval: '5',
    ServerAliveCountMax: '3',
    StreamLocalBindUnlink: 'yes',
    StreamLocalBindMask: '0177',
    // A connection that is shared with a terminal would stay when this process ends.
    ControlMaster: 'no',
    ControlPath: 'none',
    ForwardAgent: 'no',
    ForwardX11: 'no',
    PermitLocalCommand: 'no',
  };
  return [
    '-N',
    '-T',
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...['-L', `${forwardedPath(localPath)}:${forwardedPath(remotePath)}`],
    ...(destination.port === undefined ? [] : ['-p', String(destination.port)]),
    '--',
    sshTarget(destination),
  ];
}

/** Colons part the paths, and percent signs begin words that ssh fills in. */
function forwardedPath(path: string): string {
  return path.replace(/[\\:]/g, '\\$&').replace(/%/g, '%%');
}
