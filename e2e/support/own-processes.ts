import type { Rights } from './daemon.js';
import type { Namespace } from './namespace.js';

/** Among no processes but its own, in the network namespace of a test: as a container that shares the network of another. */
export function ownProcesses(ns: Namespace): Rights {
  return {
    folder: ns.folder,
    command: (script) => ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', process.execPath, script],
  };
}
