import { connect, createServer } from 'node:net';

/** Hands every connection to a Unix socket on to an address of this network namespace: `relay.mjs PATH HOST PORT`. */
const [path, host, port] = process.argv.slice(2);
createServer((near) => {
  const far = connect(Number(port), host);
  near.pipe(far).pipe(near);
  near.on('error', () => far.destroy());
  far.on('error', () => near.destroy());
}).listen(path, () => console.log('ready'));
