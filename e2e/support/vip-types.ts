/** One VIP type of the product: its configuration in e2e/configs is `<name>.lb`. */
export interface VipType {
  readonly name: string;
  /** Family of the VIP. */
  readonly vip: 4 | 6;
  /** Family of the application servers. */
  readonly as: 4 | 6;
  readonly method: 'gre' | 'l3dsr' | 'nat';
}

export const vipTypes: readonly VipType[] = [
  { name: 'ip4-gre4', vip: 4, as: 4, method: 'gre' },
  { name: 'ip4-gre6', vip: 4, as: 6, method: 'gre' },
  { name: 'ip6-gre4', vip: 6, as: 4, method: 'gre' },
  { name: 'ip6-gre6', vip: 6, as: 6, method: 'gre' },
  { name: 'ip4-l3dsr', vip: 4, as: 4, method: 'l3dsr' },
  { name: 'ip4-nat4', vip: 4, as: 4, method: 'nat' },
  { name: 'ip6-nat6', vip: 6, as: 6, method: 'nat' },
];

/** The address of the recorded server, which the configurations make a VIP. */
export const vipAddress = { 4: '90.1.2.1', 6: '2004::1' } as const;

/** The application servers of every configuration. */
export const asAddresses = {
  4: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5'],
  6: ['2001::1', '2001::2', '2001::3', '2001::4', '2001::5'],
} as const;

/** `ip4-src-address` and `ip6-src-address` of every configuration. */
export const nodeAddress = { 4: '39.40.41.42', 6: '2001:db8:ffff::1' } as const;

/** Service port -> port on the application server, in the NAT configurations. */
export const targetPorts: ReadonlyMap<number, number> = new Map([
  [80, 8080],
  [53, 5353],
  [5201, 15201],
]);

/** The DSCP of the L3DSR configuration. */
export const l3dsrDscp = 2;
