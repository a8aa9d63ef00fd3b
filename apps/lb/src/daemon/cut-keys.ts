import { asId, type Config, type EffectiveAs, type VipRef } from '@lb/control';
import { parseAddress, parsePrefix } from '@lb/core';
import { asKey } from '@lb/dataplane';

/** A VIP as the dataplane's keys name it. */
export function specOf({ prefix, protocol, port = 0 }: VipRef) {
  const number = port === 0 || protocol === undefined ? 0 : protocol === 'tcp' ? 6 : 17;
  return { prefix: parsePrefix(prefix), protocol: number, port } as const;
}

type Served = { readonly config: Config; readonly effective: ReadonlyMap<string, EffectiveAs> };

/** Keys of the ASs whose flows are cut from now on: disabled ones, and those past the end of their draining. */
export function cutKeys(before: Served, after: Served): string[] {
  return after.config.vips.flatMap((vip) =>
    vip.ass
      .map(({ address }) => ({ address, id: asId(vip, address) }))
      .filter(({ id }) => after.effective.get(id)?.cut === true && before.effective.get(id)?.cut !== true)
      .map(({ address }) => asKey(specOf(vip), parseAddress(address))),
  );
}
