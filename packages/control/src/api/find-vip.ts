import { formatAddress, formatPrefix, LbError, parseAddress, parsePrefix } from '@lb/core';
import { ConfigError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { AsConfig, Config, VipConfig } from '../schema.js';
import { describeVip, parseVipId, type VipRef, vipId, vipKey } from '../vip-ref.js';
import { apiError, RequestError } from './errors.js';

/** A VIP of the configuration and its place there. */
export interface FoundVip {
  readonly vip: VipConfig;
  readonly index: number;
}

/**
 * The VIP that an id names, whether there is such a VIP or not.
 * @param path where the id stands in the request
 * @throws RequestError
 */
export function readVipId(id: string, path = 'params.vip'): VipRef {
  try {
    return parseVipId(id);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { message, hint } = error;
    throw new RequestError([{ code: 'LB_API_REQUEST', message, path, ...(hint !== undefined && { hint }) }]);
  }
}

/** @throws LbError LB_API_NOT_FOUND with the id that was probably meant; RequestError */
export function findVip(config: Config, id: string, path?: string): FoundVip {
  const ref = readVipId(id, path);
  const key = vipKey(ref);
  const index = config.vips.findIndex((vip) => vipKey(vip) === key);
  if (index >= 0) return { vip: config.vips[index]!, index };
  const meant = nearest(id, config.vips.map(vipId));
  const hint = meant === undefined ? undefined : `did you mean ${meant}?`;
  throw apiError('LB_API_NOT_FOUND', `there is no VIP ${describeVip(ref)}`, hint);
}

/** @throws LbError LB_API_NOT_FOUND, RequestError */
export function findAs({ vip }: FoundVip, address: string): { readonly as: AsConfig; readonly index: number } {
  const canonical = readAddress(address);
  const index = vip.ass.findIndex((as) => as.address === canonical);
  if (index >= 0) return { as: vip.ass[index]!, index };
  throw apiError('LB_API_NOT_FOUND', `'${canonical}' is not an AS of VIP ${describeVip(vip)}`);
}

/** An address in its canonical form. @throws RequestError */
export function readAddress(address: string): string {
  try {
    return formatAddress(parseAddress(address));
  } catch (error) {
    if (!(error instanceof LbError)) throw error;
    throw new RequestError([{ code: 'LB_API_REQUEST', message: error.message, path: 'address' }]);
  }
}

/** An address or a prefix, as the canonical prefix. @throws RequestError */
export function readPrefix(text: string, path: string): string {
  try {
    return formatPrefix(parsePrefix(text));
  } catch (error) {
    if (!(error instanceof LbError)) throw error;
    throw new RequestError([{ code: 'LB_API_REQUEST', message: error.message, path }]);
  }
}
