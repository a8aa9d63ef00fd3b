import { type VipConfig, vipId } from '@lb/control';
import type { Stores } from './stores.js';

/** The VIP that is open in the view of VIPs, as staged. */
export function vipOnScreen({ view, staged }: Stores): VipConfig | undefined {
  const { view: shown, vip: id } = view.getState();
  return shown === 'vips' ? staged.getState().result?.vips.find((vip) => vipId(vip) === id) : undefined;
}
