import type { Problem } from '../errors.js';
import type { Config } from '../schema.js';
import { effectiveTimeouts } from '../timeouts.js';
import { familyOf, isNat } from '../vip-ref.js';
import type { PlanFacts } from './facts.js';
import type { VipSides } from './sides.js';
import { pathOf, vipText, warning } from './warning.js';

/** Settings of one VIP whose change established flows feel. */
export function warnVipSettings(sides: VipSides): Problem[] {
  if (sides.before === undefined || sides.after === undefined) return [];
  const { config: before } = sides.before;
  const { config: after } = sides.after;
  const vip = vipText(sides.ref);
  const found: Problem[] = [];
  const way = (field: string, says: string) => {
    found.push(warning('LB_PLAN_WARN_WAY', [...pathOf(sides), field], `${vip}: ${says}`));
  };
  if (before.encap !== after.encap) {
    way('encap', `packets of established flows, too, come as ${after.encap} instead of ${before.encap}`);
  }
  if (before.encap === 'l3dsr' && after.encap === 'l3dsr' && before.dscp !== after.dscp) {
    way('dscp', `packets of established flows, too, carry DSCP ${after.dscp ?? 0} instead of ${before.dscp ?? 0}`);
  }
  const [port, portNow] = [after.targetPort ?? after.port, before.targetPort ?? before.port];
  if (isNat(before.encap) && isNat(after.encap) && port !== portNow) {
    way('targetPort', `established connections go to port ${port} of their AS, which knows them at port ${portNow}`);
  }
  if (before.nodePort !== undefined && before.nodePort !== after.nodePort) {
    const says = `node port ${before.nodePort} goes, and flows that came in by it are cut, though they count as kept`;
    found.push(warning('LB_PLAN_WARN_NODE_PORT', [...pathOf(sides), 'nodePort'], `${vip}: ${says}`));
  }
  return found;
}

/** Settings of the whole configuration whose change flows feel, or whose change is not felt at once. */
export function warnSettings(facts: PlanFacts): Problem[] {
  const { before, after } = facts;
  const found = ([4, 6] as const).flatMap((family) => [
    ...warnSource(facts, family),
    ...warnNatInterfaces(facts, family),
  ]);
  found.push(...warnTimeouts(facts));
  if (after.flowHash !== before.flowHash && after.vips.length > 0) {
    const message = `with flowHash ${after.flowHash} every new flow picks its bucket anew, also where no bucket moves`;
    found.push(warning('LB_PLAN_WARN_FLOW_HASH', ['flowHash'], message, 'established flows stay where they are'));
  }
  return [...found, ...warnNextStart(facts)];
}

/** Idle times by the field that sets them, and how their flows are spoken of. */
const KINDS = {
  tcpTimeout: ['tcpSec', 'TCP flows'],
  udpTimeout: ['udpSec', 'UDP flows'],
  otherTimeout: ['otherSec', 'flows of other protocols than TCP and UDP'],
} as const;

const BRIEF_KINDS = {
  tcpOpeningTimeout: ['tcpOpeningSec', 'opening TCP connections'],
  tcpClosingTimeout: ['tcpClosingSec', 'closing TCP connections'],
} as const;

/** An entry keeps the end that its last packet has set (docs/dataplane.md, "How long a flow lives"). */
const FROM_WHEN = 'a flow that lives now goes by it from its next packet on';

/** Idle times that change: one warning if it is the same for flows of all kinds, else one for each kind. */
function warnTimeouts({ before, after }: PlanFacts): Problem[] {
  const [was, is] = [effectiveTimeouts(before), effectiveTimeouts(after)];
  const told = (path: string, flows: string, from: number, to: number) => {
    if (from === to) return [];
    const says =
      to < from
        ? `that pause for more than ${to} s are forgotten`
        : `are kept for ${to} s without packets, and need room`;
    return [{ path, flows, says: `${says}; until now ${from} s` }];
  };
  const idle = (['tcpTimeout', 'udpTimeout', 'otherTimeout'] as const).flatMap((field) => {
    const [key, flows] = KINDS[field];
    return told(after[field] === undefined ? 'timeout' : field, flows, was[key], is[key]);
  });
  const brief = (['tcpOpeningTimeout', 'tcpClosingTimeout'] as const).flatMap((field) => {
    const [key, flows] = BRIEF_KINDS[field];
    return told(field, flows, was[key], is[key]);
  });
  const [first] = idle;
  const alike = idle.length === 3 && idle.every(({ path, says }) => path === first!.path && says === first!.says);
  const all = [...(alike ? [{ ...first!, flows: 'flows' }] : idle), ...brief];
  return all.map(({ path, flows, says }) => warning('LB_PLAN_WARN_TIMEOUT', [path], `${flows} ${says}`, FROM_WHEN));
}

/** Outer sources and node addresses. */
function warnSource({ before, after }: PlanFacts, family: 4 | 6): Problem[] {
  const found: Problem[] = [];
  const address = `ip${family}SrcAddress` as const;
  const range = `ip${family}SrcRange` as const;
  const gre = after.vips.some(({ encap }) => encap === `gre${family}`);
  const [was, is] = [before[range] ?? before[address], after[range] ?? after[address]];
  if (gre && was !== undefined && was !== is) {
    const message = `GRE packets come from ${is ?? 'the all-ones address'} instead of ${was}: the ASs must accept that`;
    found.push(warning('LB_PLAN_WARN_WAY', [before[range] === after[range] ? address : range], message));
  }
  const node = before[address];
  if (node !== undefined && node !== after[address] && hasNodePort(before, family)) {
    const message = `node ports are no longer served on ${node}, and flows that came in there are cut, though they count as kept`;
    found.push(warning('LB_PLAN_WARN_NODE_PORT', [address], message));
  }
  return found;
}

function hasNodePort({ vips }: Config, family: 4 | 6): boolean {
  return vips.some(({ prefix, nodePort }) => nodePort !== undefined && familyOf(prefix) === family);
}

/** Interfaces whose packets are no longer translated back. */
function warnNatInterfaces({ before, after }: PlanFacts, family: 4 | 6): Problem[] {
  const nat = `nat${family}` as const;
  const gone = before.natInterfaces[nat].filter((name) => !after.natInterfaces[nat].includes(name));
  if (gone.length === 0 || !after.vips.some(({ encap }) => encap === nat)) return [];
  const message = `what ASs answer by way of ${gone.join(', ')} is no longer translated back`;
  return [warning('LB_PLAN_WARN_WAY', ['natInterfaces', nat], message)];
}

const AT_START = ['buckets', 'interfaces', 'listeners'] as const satisfies (keyof Config)[];

function warnNextStart({ changes }: PlanFacts): Problem[] {
  return AT_START.filter((key) => changes.some(({ path }) => path === key)).map((key) =>
    warning('LB_CFG_WARN_NEXT_START', [key], `${key} as changed counts from the next start of the daemon on`),
  );
}
