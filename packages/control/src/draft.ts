import { changeAs } from './as-change.js';
import { vipDefaults } from './compact.js';
import type { Problem } from './errors.js';
import { type Finding, finding, type Path } from './finding.js';
import type { AsCommand, ConfCommand, InterfaceCommand, SetVipCommand, Source, VipCommand } from './grammar/command.js';
import { commandProblem } from './grammar/command-problem.js';
import { checkHealthCheck } from './rules-check.js';
import { checkConfig } from './rules-config.js';
import { checkAs, checkCombination } from './rules-vip.js';
import { warnConfig } from './rules-warn.js';
import { type AsConfig, type Config, emptyConfig, type VipConfig } from './schema.js';
import { withoutVoidProtocols } from './validate.js';
import { VipIndex } from './vip-index.js';
import { asId, describeVip, type VipRef, vipKey } from './vip-ref.js';

/**
 * A configuration that commands are being applied to. Methods that change it return what keeps them from it, and
 * have changed nothing then; paths are relative to the VIP, `ass[n]` being the n-th address of the command.
 */
export class Draft {
  private globals: Omit<Config, 'vips'>;
  private readonly vips: VipIndex;
  /** ASs by address of the VIPs whose ASs were changed: what the index has of those is out of date. */
  private readonly changedAss = new Map<string, Map<string, AsConfig>>();
  /** The command that brought a VIP, or an AS of a VIP, or a setting. */
  private readonly origins = new Map<string, Origin>();

  constructor(
    config: Config,
    private readonly nowMs: number,
  ) {
    const { vips, ...globals } = config;
    this.globals = globals;
    this.vips = new VipIndex(vips);
  }

  conf({ source, settings, unset }: ConfCommand): Finding[] {
    this.globals = changed(this.globals, settings, unset, emptyConfig());
    for (const field of [...Object.keys(settings), ...unset]) this.origins.set(field, { source });
    return [];
  }

  interface({ source, nat, name, del }: InterfaceCommand): Finding[] {
    const { natInterfaces } = this.globals;
    const names = natInterfaces[nat];
    if (names.includes(name) !== del) {
      return del
        ? [finding('LB_CFG_INTERFACE_MISSING', ['interface'], `'${name}' takes no ${nat} return traffic`)]
        : [finding('LB_CFG_INTERFACE_EXISTS', ['interface'], `'${name}' takes ${nat} return traffic already`)];
    }
    const changed = del ? names.filter((other) => other !== name) : [...names, name];
    this.globals = { ...this.globals, natInterfaces: { ...natInterfaces, [nat]: changed } };
    this.origins.set(nat, { source });
    return [];
  }

  addVip({ source, vip: ref, settings }: VipCommand): Finding[] {
    const vip: VipConfig = { ...vipDefaults, ...ref, ...settings, ass: [] };
    const found = [...this.vips.checkAgainst(vip), ...checkCombination(vip), ...checkHealthCheck(vip)];
    if (found.length > 0) return found.map(withRemedy);
    this.vips.set(vip);
    this.origins.set(vipKey(vip), { source });
    return [];
  }

  deleteVip({ vip: ref }: VipCommand): Finding[] {
    const vip = this.vips.get(ref);
    if (vip === undefined) return this.missingVip(ref);
    this.vips.delete(vip);
    this.changedAss.delete(vipKey(vip));
    return [];
  }

  setVip({ source, vip: ref, settings, unset }: SetVipCommand): Finding[] {
    const before = this.vips.get(ref);
    if (before === undefined) return this.missingVip(ref);
    const vip = changed(before, settings, unset, vipDefaults);
    const found = [...this.vips.checkNodePort(vip), ...checkCombination(vip), ...checkHealthCheck(vip)];
    if (found.length > 0) return found;
    // Its ASs are of the family that it sent to until now. To know of one that is of another is enough.
    for (const as of this.assOf(before).values()) {
      const unfit = checkAs(vip, as, 0);
      if (unfit.length > 0) return unfit;
    }
    this.vips.set(vip);
    this.origins.set(vipKey(vip), { source });
    return [];
  }

  setAss({ source, vip: ref, addresses, change }: AsCommand): Finding[] {
    const vip = this.vips.get(ref);
    if (vip === undefined) return this.missingVip(ref);
    const ass = this.assOf(vip);
    const changed = addresses.map((address) => changeAs(address, ass.get(address), change, this.nowMs));
    const found = changed.flatMap((as, n) => (ass.has(as.address) ? [] : checkAs(vip, as, n)));
    if (found.length > 0) return found;
    for (const as of changed) ass.set(as.address, as);
    addresses.forEach((address, place) => {
      this.origins.set(asId(vip, address), { source, place });
    });
    return [];
  }

  deleteAss({ vip: ref, addresses }: AsCommand): Finding[] {
    const vip = this.vips.get(ref);
    if (vip === undefined) return this.missingVip(ref);
    const ass = this.assOf(vip);
    const found = addresses.flatMap((address, n) => {
      if (ass.has(address)) return [];
      const says = `'${address}' is not an AS of VIP ${describeVip(vip)}`;
      const hint = someOf('its ASs are', [...ass.keys()]) ?? 'it has none';
      return [finding('LB_CFG_AS_MISSING', ['ass', n, 'address'], says, hint)];
    });
    if (found.length > 0) return found;
    for (const address of addresses) ass.delete(address);
    return [];
  }

  private assOf(vip: VipConfig): Map<string, AsConfig> {
    const key = vipKey(vip);
    const ass = this.changedAss.get(key) ?? new Map(vip.ass.map((as) => [as.address, as]));
    this.changedAss.set(key, ass);
    return ass;
  }

  /** The finding that there is no such VIP, if so, with a hint at those that were probably meant. */
  missingVip(ref: VipRef): Finding[] {
    if (this.vips.get(ref) !== undefined) return [];
    const says = `${describeVip(ref)} does not exist`;
    return [finding('LB_CFG_VIP_MISSING', ['prefix'], says, this.hintAtVips(ref))];
  }

  private hintAtVips({ prefix, port }: VipRef): string {
    const neighbours = this.vips.ofPrefix(prefix);
    if (neighbours.length === 0)
      return someOf('the VIPs are', this.vips.values().map(describeVip)) ?? 'there is no VIP at all';
    if (neighbours[0]!.port === undefined) return `${prefix} is an all-port VIP: leave the port out`;
    const known = someOf('its VIPs are', neighbours.map(describeVip));
    return port === undefined ? `name the port; ${known}` : `${known}`;
  }

  /** The configuration as it stands. */
  config(): Config {
    return withoutVoidProtocols(this.raw());
  }

  /** What is wrong with the whole although each command was right in its place; `last` is blamed for want of a better. */
  problems(last: Source): Problem[] {
    const raw = this.raw();
    return checkConfig(raw).map((found) => this.place(raw, found, last));
  }

  warnings(): Problem[] {
    const raw = this.raw();
    return warnConfig(raw).map((found) => this.place(raw, found));
  }

  private raw(): Config {
    const vips = this.vips.values().map((vip) => {
      const ass = this.changedAss.get(vipKey(vip));
      return ass === undefined ? vip : { ...vip, ass: [...ass.values()] };
    });
    return { ...this.globals, vips };
  }

  /** Finds the command that a finding about the whole configuration is about. */
  private place(config: Config, found: Finding, last?: Source): Problem {
    const { origin, path } = this.originOf(config, found.path);
    return commandProblem(origin?.source ?? last, { ...found, path });
  }

  private originOf(config: Config, path: Path): { origin: Origin | undefined; path: Path } {
    const [root, at, ...inside] = path;
    if (root !== 'vips')
      return { origin: this.origins.get(String(path.findLast((key) => typeof key === 'string'))), path };
    const vip = config.vips[at as number]!;
    const as = inside[0] === 'ass' && typeof inside[1] === 'number' ? vip.ass[inside[1]] : undefined;
    if (as === undefined) return { origin: this.origins.get(vipKey(vip)), path: inside };
    const origin = this.origins.get(asId(vip, as.address));
    return { origin, path: ['ass', origin?.place ?? 0, ...inside.slice(2)] };
  }
}

/** Settings with some set, and others at their default, which may be that there is none. */
function changed<T extends object>(
  before: T,
  settings: Partial<NoInfer<T>>,
  unset: readonly (keyof NoInfer<T>)[],
  defaults: Partial<NoInfer<T>>,
): T {
  const after = { ...before, ...settings };
  for (const field of unset) {
    if (Object.hasOwn(defaults, field)) after[field] = defaults[field]!;
    else delete after[field];
  }
  return after;
}

/** Of all the rules only this one has a remedy that is a command. */
function withRemedy(found: Finding): Finding {
  return found.code === 'LB_CFG_VIP_EXISTS'
    ? { ...found, hint: "change it with 'lb set vip', or remove it first, with 'del'" }
    : found;
}

interface Origin {
  readonly source: Source;
  /** Which of the command's addresses it was. */
  readonly place?: number;
}

function someOf(what: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const more = names.length - 5;
  return `${what} ${names.slice(0, 5).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
