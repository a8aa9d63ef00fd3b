import { type Config, vipId } from '@lb/control';
import { useCallback, useMemo } from 'react';
import { useConfig, useStaged } from '../stores/index.js';
import { type AsColor, assignColors } from './as-colors.js';

/** Addresses of the ASs of a VIP in each of the configurations that has it. */
export function addressesOf(id: string, configs: readonly (Config | null)[]): readonly string[] {
  const ass = configs.flatMap((config) => config?.vips.find((vip) => vipId(vip) === id)?.ass ?? []);
  return [...new Set(ass.map(({ address }) => address))];
}

/** Finds the colours of the ASs of a VIP, those that are staged included: the same in every view. */
export function useColorsOf(): (vip: string) => ReadonlyMap<string, AsColor> {
  const config = useConfig((state) => state.config);
  const staged = useStaged(({ result }) => result);
  const known = useMemo(() => new Map<string, ReadonlyMap<string, AsColor>>(), [config, staged]);
  return useCallback(
    (vip) => {
      const colors = known.get(vip) ?? assignColors(addressesOf(vip, [config, staged]));
      known.set(vip, colors);
      return colors;
    },
    [known, config, staged],
  );
}
