import { type Finding, finding } from './finding.js';
import type { Check, VipConfig } from './schema.js';
import { describeVip, isNat } from './vip-ref.js';

/** The types that have a use for each setting; settings that are not named here are for all. */
export const USED_BY = {
  port: ['tcp', 'http', 'https', 'udp'],
  path: ['http', 'https'],
  host: ['http', 'https'],
  status: ['http', 'https'],
  tlsVerify: ['https'],
  send: ['tcp', 'udp'],
  expect: ['tcp', 'udp'],
} as const satisfies Partial<Record<keyof Check, readonly Check['type'][]>>;

/** What is wrong with the health check of a VIP; paths are relative to the VIP. */
export function checkHealthCheck(vip: VipConfig): Finding[] {
  const { check } = vip;
  if (check === undefined) return [];
  const found = Object.entries(USED_BY).flatMap(([key, types]) => unusedKey(check, key as keyof typeof USED_BY, types));
  if (check.type !== 'icmp' && check.port === undefined && vip.port === undefined) {
    const says = `is missing: a ${check.type} check needs one, and VIP ${describeVip(vip)} has none`;
    found.push(finding('LB_CFG_CHECK_PORT_MISSING', ['check', 'port'], says, 'name the port on the servers'));
  }
  if (check.via === 'encap' && isNat(vip.encap)) {
    const says = `encap needs encap gre4, gre6 or l3dsr, the encap is ${vip.encap}`;
    found.push(finding('LB_CFG_CHECK_ENCAP', ['check', 'via'], says, 'use direct'));
  }
  return found;
}

function unusedKey(check: Check, key: keyof typeof USED_BY, types: readonly Check['type'][]): Finding[] {
  if (check[key] === undefined || types.includes(check.type)) return [];
  const says = `has no use in a check of type ${check.type}`;
  return [finding('LB_CFG_CHECK_KEY', ['check', key], says, `it is for ${types.join(', ')}`)];
}
