import type { AsChange } from '../as-change.js';
import type { Config, NatKind, VipConfig } from '../schema.js';
import type { VipRef } from '../vip-ref.js';
import type { CONF_WORDS, VALUE_WORDS } from './words.js';

/** Where a command stands, and the column of each thing in it, for messages about the thing. */
export interface Source {
  readonly file?: string;
  /** From 1. */
  readonly line: number;
  /** Column of the first word, from 1. */
  readonly column: number;
  /**
   * Column of the value (or of the word, where it has no value) by field name of the model: `prefix`, `newLen`,
   * `del`, …; the n-th AS address is `ass[n]`, a setting of a health check `check.path`.
   */
  readonly where: Readonly<Record<string, number>>;
}

/** What `lb conf` may set; what is not named keeps its value. */
export type ConfSettings = Partial<Pick<Config, (typeof VALUE_WORDS)[(typeof CONF_WORDS)[number]]>>;

/** What `lb conf no …` brings back to its default. */
export type ConfField = keyof ConfSettings;

/** What `lb vip` may set beside the VIP's name. */
export type VipSettings = Partial<Omit<VipConfig, 'prefix' | 'protocol' | 'port' | 'ass'>>;

export interface ConfCommand {
  readonly kind: 'conf';
  readonly source: Source;
  readonly settings: ConfSettings;
  /** What goes back to its default; none of it is in `settings`. */
  readonly unset: readonly ConfField[];
}

export interface VipCommand {
  readonly kind: 'vip';
  readonly source: Source;
  readonly vip: VipRef;
  readonly settings: VipSettings;
  readonly del: boolean;
}

/** Changes settings of a VIP that is there. */
export interface SetVipCommand {
  readonly kind: 'set-vip';
  readonly source: Source;
  readonly vip: VipRef;
  /** A health check takes the place of the one before as a whole. */
  readonly settings: VipSettings;
  /** What goes back to its default; none of it is in `settings`. */
  readonly unset: readonly (keyof VipSettings)[];
}

export interface AsCommand {
  readonly kind: 'as';
  readonly source: Source;
  readonly vip: VipRef;
  /** At least one, canonical, none twice. */
  readonly addresses: readonly string[];
  /** What changes of all the addresses, if they stay. */
  readonly change: AsChange;
  readonly del: boolean;
  readonly flush: boolean;
}

export interface InterfaceCommand {
  readonly kind: 'interface';
  readonly source: Source;
  readonly nat: NatKind;
  readonly name: string;
  readonly del: boolean;
}

export interface FlushCommand {
  readonly kind: 'flush-vip';
  readonly source: Source;
  readonly vip: VipRef;
}

export interface ShowCommand {
  readonly kind: 'show';
  readonly source: Source;
  readonly what: 'lb' | 'vip' | 'node-counters';
  readonly verbose: boolean;
}

/** One line of the command grammar, every value checked by itself; texts are canonical. */
export type Command =
  | ConfCommand
  | VipCommand
  | SetVipCommand
  | AsCommand
  | InterfaceCommand
  | FlushCommand
  | ShowCommand;
