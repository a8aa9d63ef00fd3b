import { execFile } from 'node:child_process';

export interface Notifier {
  /** Takes packets from now on. */
  ready(status: string): Promise<void>;
  stopping(): Promise<void>;
}

/**
 * Tells the service manager how the daemon is (sd_notify(3)), and that it is alive as often as the manager wants. Its
 * socket is a datagram one, which Node.js does not have, so systemd's own program says it; hence `NotifyAccess=all` in
 * the unit. Without a service manager nothing happens.
 */
export function serviceNotifier(env: NodeJS.ProcessEnv = process.env, onProblem: (text: string) => void): Notifier {
  if (!env.NOTIFY_SOCKET) return { ready: async () => {}, stopping: async () => {} };
  let watchdog: NodeJS.Timeout | undefined;
  const say = (...words: string[]): Promise<void> =>
    new Promise((resolve) => {
      execFile('systemd-notify', words, { env, timeout: 5000 }, (error) => {
        if (error !== null) onProblem(`systemd-notify: ${error.message.split('\n')[0]}`);
        resolve();
      });
    });
  return {
    async ready(status) {
      await say(`--pid=${process.pid}`, '--ready', `--status=${status}`);
      const periodMs = watchdogMs(env);
      if (periodMs === undefined) return;
      watchdog = setInterval(() => void say('WATCHDOG=1'), periodMs / 2);
      watchdog.unref();
    },
    async stopping() {
      clearInterval(watchdog);
      await say('STOPPING=1');
    },
  };
}

/** How often the manager wants to hear something; undefined if it does not, or not from this process. */
function watchdogMs({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number | undefined {
  if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== process.pid) return undefined;
  const ms = Number(WATCHDOG_USEC) / 1000;
  return ms > 0 ? ms : undefined;
}
