import type { Socket, TcpNetConnectOpts } from 'node:net';
import type { Probe } from './target.js';

/** Where a connection goes to and comes from. */
export function socketOptions({ address, port, localAddress, localPort }: Probe): TcpNetConnectOpts {
  return {
    host: address,
    port,
    noDelay: true,
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(localPort === undefined ? {} : { localPort }),
  };
}

/** Ends a connection at once. A reset leaves no port of ours in TIME_WAIT, of which many checks would soon use up all. */
export function resetSocket(socket: Socket): void {
  // A reset of one that is being made would first wait for it to be made, and one that is being ended could not be reset:
  // Node.js would leave it open for ever.
  if (socket.connecting || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
