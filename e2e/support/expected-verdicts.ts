import { type Frame, isIcmpError } from './tshark.js';
import { targetPorts, type VipType, vipAddress } from './vip-types.js';

/** What has to become of a recorded frame. */
export type Verdict = 'forward' | 'reply' | 'punt' | 'drop';

/**
 * The verdict for each frame of a capture, from what tshark says about it and from the rules of the VIP type alone: a plain second
 * opinion on the balancer's.
 */
export function expectedVerdicts(frames: readonly Frame[], type: VipType): Verdict[] {
  const wholes = lastFragments(frames);
  return frames.map((frame) => {
    if (frame.ip[0]?.dst !== vipAddress[type.vip] || isNeighbourDiscovery(frame)) return 'punt';
    return type.method === 'nat' ? verdictOfService(frame, wholes) : verdictOfAllPorts(frame, type);
  });
}

function verdictOfAllPorts(frame: Frame, type: VipType): Verdict {
  return type.method === 'l3dsr' && frame.ip[0]!.ttl <= 1 ? 'drop' : 'forward';
}

function verdictOfService(frame: Frame, wholes: ReadonlyMap<string, Frame>): Verdict {
  const header = frame.ip[0]!;
  const whole = header.datagram === undefined ? frame : wholes.get(header.datagram)!;
  if (whole.icmp !== undefined && !isIcmpError(whole.icmp)) return header.datagram === undefined ? 'reply' : 'punt';
  const { ports } = whole;
  if (ports === undefined) return 'punt';
  const service = isIcmpError(whole.icmp) ? ports.src : ports.dst;
  if (!targetPorts.has(service)) return 'punt';
  return header.ttl <= 1 ? 'drop' : 'forward';
}

/** The frame with which tshark could put a datagram together, by datagram: the one that shows its ports. */
function lastFragments(frames: readonly Frame[]): Map<string, Frame> {
  return new Map(
    frames.flatMap((frame) => (frame.ip[0]?.datagram === undefined ? [] : [[frame.ip[0].datagram, frame]])),
  );
}

function isNeighbourDiscovery({ icmp }: Frame): boolean {
  return icmp?.version === 6 && icmp.type >= 133 && icmp.type <= 137;
}
