import type { Readable } from 'node:stream';
import { utilityProcess } from 'electron';
import { endingOf, type LaunchDaemon } from './daemon-process.js';

/**
 * In a utility process of Electron. Unlike ELECTRON_RUN_AS_NODE, which a packaged app has switched off, it can't be used by others to run
 * what they like under the name of the app.
 * @param starter path of build/daemon/daemon.cjs
 * @param program path of the headless program
 */
export function inUtilityProcess(starter: string, program: string): LaunchDaemon {
  return (args) => {
    const child = utilityProcess.fork(starter, [program, ...args], { stdio: 'pipe', serviceName: 'lb daemon' });
    return {
      get pid() {
        return child.pid;
      },
      stdout: child.stdout as Readable,
      stderr: child.stderr as Readable,
      whenEnded: (listener) => void child.once('exit', (status) => listener(endingOf(`status ${status}`))),
      // A signal would end it before the daemon has put its things in order: the starter makes a wish of it.
      end: () => child.postMessage('end'),
      kill: () => {
        if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
      },
    };
  };
}
