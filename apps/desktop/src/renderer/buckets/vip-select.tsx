import { describeVip, vipId } from '@lb/control';
import { useApp, useConfig, useStaged, useView } from '../stores/index.js';
import './buckets.css';

/** Ids of the VIPs of the daemon and of those that are staged, with their names. */
function useVips(): readonly { readonly id: string; readonly name: string }[] {
  const config = useConfig((state) => state.config);
  const staged = useStaged(({ result }) => result);
  const vips = new Map([...(config?.vips ?? []), ...(staged?.vips ?? [])].map((vip) => [vipId(vip), describeVip(vip)]));
  return [...vips].map(([id, name]) => ({ id, name }));
}

/** The VIP that is looked at: the selected one, else the first; null if there is none. */
export function useShownVip(): string | null {
  const selected = useView(({ vip }) => vip);
  const vips = useVips();
  return vips.some(({ id }) => id === selected) ? selected : (vips[0]?.id ?? null);
}

/** Chooses the VIP that views are about. */
export function VipSelect() {
  const { stores } = useApp();
  const vips = useVips();
  const shown = useShownVip();
  return (
    <label className="vip-select">
      <span className="muted">VIP</span>
      <select
        className="select"
        value={shown ?? ''}
        onChange={(event) => stores.view.getState().selectVip(event.target.value)}
      >
        {vips.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
