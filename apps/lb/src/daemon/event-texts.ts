import { asId, type Config, describeVip, type EffectiveAs, vipRefOf } from '@lb/control';
import type { EventLog } from '@lb/control/api';
import type { HealthMonitor } from '@lb/control/health';
import type { RevisionMeta } from '@lb/control/state';
import type { Dataplane } from './dataplane.js';
import type { Log } from './log.js';

/** What happens to workers and interfaces, as events. */
export function logDataplane(dataplane: Dataplane, events: EventLog): void {
  dataplane.on('worker-died', (worker, reason) => {
    const text = `worker ${worker} ended: ${reason}`;
    events.add({ type: 'worker', level: 'error', text, worker, what: 'died' });
  });
  dataplane.on('worker-restarted', (worker, downMs) => {
    const text = `worker ${worker} is back after ${Math.round(downMs)} ms`;
    events.add({ type: 'worker', level: 'warn', text, worker, what: 'restarted' });
  });
  dataplane.on('link', (name, isThere) => {
    const [text, what] = isThere ? ([`${name} is back`, 'back'] as const) : ([`${name} is gone`, 'gone'] as const);
    events.add({ type: 'interface', level: isThere ? 'info' : 'error', text, interface: name, what });
  });
  dataplane.on('renamed', (text) => {
    events.add({ type: 'notice', level: 'warn', text, code: 'LB_LIVE_WARN_RENAMED' });
  });
}

/** The same reason concerns many ASs as a rule: it is told once in so long. */
const LOCAL_AGAIN_MS = 30_000;

/** Every transition of health, as an event and in the log; and why checks cannot be made. */
export function logHealth(monitor: HealthMonitor, events: EventLog, log: Log): void {
  monitor.on('transition', ({ vip, address, from, to, reason }) => {
    const text = `${address} of ${describeVip(vip)} is ${to}, was ${from}: ${reason}`;
    const level = to === 'failing' ? 'warn' : 'info';
    events.add({ type: 'health', level, text, vip, address, from, to, reason });
    log[level]({ vip: describeVip(vip), as: address }, text);
  });
  const toldAt = new Map<string, number>();
  monitor.on('local', ({ vip, address, reason }) => {
    const now = performance.now();
    if (now - (toldAt.get(reason) ?? Number.NEGATIVE_INFINITY) < LOCAL_AGAIN_MS) return;
    toldAt.set(reason, now);
    const text = `${address} of ${describeVip(vip)} keeps its health, as do others: ${reason}`;
    events.add({ type: 'notice', level: 'warn', text, code: 'LB_LIVE_WARN_CHECK' });
    log.warn({ code: 'LB_LIVE_WARN_CHECK' }, text);
  });
}

export function logRevision({ number, author, note }: RevisionMeta, events: EventLog, log: Log): void {
  const text = `revision ${number} by ${author}${note === '' ? '' : `: ${note}`}`;
  events.add({ type: 'revision', level: 'info', text, number, author, note });
  log.info({ revision: number, author }, text);
}

/** ASs whose weight has another reason than before; the steps of a ramp are one. */
export function logWeights(
  config: Config,
  before: ReadonlyMap<string, EffectiveAs>,
  after: ReadonlyMap<string, EffectiveAs>,
  events: EventLog,
): void {
  for (const vip of config.vips) {
    for (const { address } of vip.ass) {
      const id = asId(vip, address);
      const was = before.get(id);
      const is = after.get(id);
      if (was === undefined || is === undefined || was.reason === is.reason) continue;
      const text = `${address} of ${describeVip(vip)} has weight ${is.weight} (${is.reason})`;
      const { weight, reason } = is;
      events.add({ type: 'weight', level: 'info', text, vip: vipRefOf(vip), address, weight, reason });
    }
  }
}
