import type { DesktopUser } from './desktop-user.js';
import type { Locator } from './electron-driver.js';

/** What cannot be accepted in a field, and what is said about it at the field. */
export type Wrong = readonly [text: string, reason: RegExp];

/** A form of the app, or a part of one that shows some of its fields. */
export interface Form {
  readonly name: string;
  /** Files of the renderer that draw its fields. */
  readonly source: readonly string[];
  /** Gives what holds the fields. */
  open(user: DesktopUser): Promise<Locator>;
  /** Choices that are made first, by label: they decide which fields there are. */
  readonly choices?: Readonly<Record<string, string>>;
  /** Texts with which the form would be accepted. */
  readonly right?: Readonly<Record<string, string>>;
  /** By label. */
  readonly wrong: Readonly<Record<string, Wrong>>;
  /** Labels of fields in which any text is right. */
  readonly free?: readonly string[];
  submit(root: Locator): Promise<void>;
}

const VIP = '203.0.113.0/24';
const stage = (root: Locator) => root.getByRole('button', { name: 'Stage', exact: true }).click();

/** @param way as the dialog calls it */
function daemonForm(way: string, right: Form['right'], wrong: Form['wrong']): Form {
  return {
    name: `a daemon by ${way}`,
    source: ['app/daemon-dialog.tsx'],
    open: (user) => user.fillDaemon(way, {}),
    right: { Name: 'another', ...right },
    wrong: { Name: ['Built in', /a daemon of the name 'Built in' already/], ...wrong },
    submit: (root) => root.getByRole('button', { name: 'Add', exact: true }).click(),
  };
}

const vipSource = ['vips/vip-editor.tsx', 'vips/form-control.tsx'];
const vipFields: Form['wrong'] = {
  Prefix: ['90.300.0.0/8', /got '90\.300\.0\.0\/8'/],
  Port: ['70000', /port must be .*65535, got 70000/],
  'Buckets of the table': ['1000', /power of two.* got 1000/],
  'Largest TCP segment': ['10', /536.* got 10/],
  'Ignore health below': ['101', /100.* got 101/],
  'Application servers': ['10.0.0.999', /got '10\.0\.0\.999'/],
};
const checkFields: Form['wrong'] = {
  'Port of the check': ['-1', /65535, got -1/],
  Interval: ['0', /0\.1 to 3600.* got 0/],
  Timeout: ['soon', /0\.05 to 60.* got 'soon'/],
  'Good results to be healthy': ['0', /1 to 100.* got 0/],
  'Bad results to be failing': ['2.5', /1 to 100.* got 2\.5/],
  'Random part of the interval': ['0.6', /0 to 0\.5.* got 0\.6/],
};
const asFields: Form['wrong'] = {
  Weight: ['101', /0 to 100, got '101'/],
  'Reached over': ['0', /1 to 86400.* got '0'/],
};

function vipForm(name: string, choices: Form['choices'], wrong: Form['wrong'], right: Form['right'] = {}): Form {
  return {
    name: `a VIP, ${name}`,
    source: vipSource,
    open: async ({ page }) => {
      await page.getByRole('button', { name: 'Add a VIP…' }).click();
      return page.getByRole('dialog', { name: 'Add a VIP' });
    },
    ...(choices !== undefined && { choices }),
    right: { Prefix: '90.0.0.0/8', ...right },
    wrong,
    submit: stage,
  };
}

async function openVip({ page }: DesktopUser): Promise<void> {
  const row = page.getByRole('row', { name: VIP });
  if ((await row.count()) > 0) await row.dblclick();
}

/** Every form of the app. */
export const FORMS: readonly Form[] = [
  daemonForm(
    'Unix socket',
    { 'Path of the socket': '/run/none.sock' },
    { 'Path of the socket': ['run/lb.sock', /from the root on.* got 'run\/lb\.sock'/] },
  ),
  daemonForm(
    'TCP with token',
    { Address: 'https://127.0.0.1:1', Token: 'lbt_x' },
    {
      Address: ['http://lb1.example.net', /without TLS/],
      Token: ['two words', /the token is not one/],
      'Certificate authority': ['ca.pem', /certificates in PEM form/],
      'SHA-256 fingerprint of the certificate': ['abc', /64 hex digits/],
    },
  ),
  daemonForm(
    'SSH',
    { Host: 'lb1', 'Path of the socket there': '/run/lb.sock' },
    {
      Host: ['-oProxyCommand=x', /must be a host.* got '-oProxyCommand=x'/],
      'Path of the socket there': ['~/lb.sock', /from the root on.* got '~\/lb\.sock'/],
    },
  ),
  vipForm('without a check', undefined, vipFields),
  vipForm(
    'by NAT',
    { Encapsulation: 'nat4' },
    {
      ...vipFields,
      'Target port': ['x', /got 'x'/],
      'Node port': ['0', /65535, got 0/],
    },
    { Port: '80' },
  ),
  vipForm('by L3DSR', { Encapsulation: 'l3dsr' }, { ...vipFields, DSCP: ['64', /0 to 63, got 64/] }, { DSCP: '2' }),
  vipForm(
    'checked by HTTP',
    { 'Health check': 'http' },
    {
      ...vipFields,
      ...checkFields,
      Path: ['health', /a path like \/health.* got 'health'/],
      Host: ['a b', /host name.* got 'a b'/],
      'Good answers': ['200-', /status codes.* got '200-'/],
    },
    { 'Port of the check': '80' },
  ),
  vipForm(
    'checked by TCP',
    { 'Health check': 'tcp' },
    {
      ...vipFields,
      ...checkFields,
      Send: ['\\xZ', /\\xNN.* got/],
      Expect: ['\\xZ', /\\xNN.* got/],
    },
    { 'Port of the check': '80' },
  ),
  {
    name: 'application servers that are added',
    source: ['vips/as-editor.tsx', 'vips/form-control.tsx'],
    open: async (user) => {
      await openVip(user);
      await user.page.getByRole('button', { name: 'Add…', exact: true }).click();
      return user.page.getByRole('dialog', { name: /^Add application servers/ });
    },
    choices: { State: 'draining' },
    right: { Addresses: '10.9.9.9' },
    wrong: {
      ...asFields,
      Addresses: ['10.9.9.9 drain', /got 'drain'/],
      'Flows are cut after': ['-5', /604800.* got '-5'/],
    },
    submit: stage,
  },
  {
    name: 'an application server that is edited',
    source: ['vips/as-editor.tsx', 'vips/form-control.tsx'],
    open: async (user) => {
      await openVip(user);
      await user.page
        .getByRole('grid', { name: 'Application servers' })
        .getByText('10.1.0.1', { exact: true })
        .dblclick();
      return user.page.getByRole('dialog', { name: /^Edit 10\.1\.0\.1/ });
    },
    choices: { State: 'draining' },
    wrong: { ...asFields, 'Flows are cut after': ['a day', /604800.* got 'a day'/] },
    submit: stage,
  },
  {
    name: 'weights in the table of servers',
    source: ['vips/weight-control.tsx'],
    open: async (user) => {
      await openVip(user);
      return user.page.getByRole('grid', { name: 'Application servers' });
    },
    wrong: Object.fromEntries(
      [1, 2, 3, 4].map((host) => [`Weight of 10.1.0.${host}`, ['101', /0 to 100, got '101'/] as const]),
    ),
    submit: async (root) => root.locator('[aria-invalid="true"]').press('Enter'),
  },
  {
    name: 'settings of the balancer',
    source: ['vips/form-control.tsx'],
    open: async (user) => {
      const back = user.page.getByRole('button', { name: '← VIPs' });
      if ((await back.count()) > 0) await back.click();
      await user.page.getByRole('button', { name: 'Settings…' }).click();
      return user.page.getByRole('dialog', { name: 'Settings of the balancer' });
    },
    wrong: {
      'All flows': ['0', /timeout must be .* 604800, got 0/],
      'TCP flows': ['1.5', /604800, got 1\.5/],
      'TCP, opening': ['41', /is 41, but must be at most 40/],
      'TCP, closing': ['soon', /604800, got 'soon'/],
      'UDP flows': ['604801', /604800, got 604801/],
      'Other protocols': ['-1', /604800, got -1/],
      'IPv4 address': ['2001:db8::1', /an IPv4 address, got '2001:db8::1'/],
      'IPv6 address': ['192.0.2.300', /an IPv6 address, got '192\.0\.2\.300'/],
      'IPv4 range, one for each flow': ['192.0.0.0/7', /length 8 to 32.* got '192\.0\.0\.0\/7'/],
      'IPv6 range, one for each flow': ['2001:db8::/64', /length 96 to 128.* got '2001:db8::\/64'/],
      'Interfaces of IPv4': ['servers0 a#b', /interface name.* got 'a#b'/],
      'Interfaces of IPv6': ['servers0 servers0', /servers0/],
      'Lines of a flow table': ['1000', /power of two.* got 1000/],
    },
    submit: stage,
  },
  {
    name: 'the search of VIPs',
    source: ['vips/vips-view.tsx'],
    open: async ({ page }) => {
      const back = page.getByRole('button', { name: '← VIPs' });
      if ((await back.count()) > 0) await back.click();
      return page.getByRole('main');
    },
    wrong: {},
    free: ['Filter VIPs'],
    submit: async () => {},
  },
  {
    name: 'flows',
    source: ['flows/flow-search.tsx', 'flows/flows-view.tsx'],
    open: async (user) => {
      await user.show('Flows');
      return user.page.getByRole('main');
    },
    right: { 'Find one flow': '198.51.100.1:1234 > 203.0.113.1:80/tcp' },
    wrong: {
      'Find one flow': ['198.51.100.1 to 203.0.113.1', /198\.51\.100\.1 to 203\.0\.113\.1/],
      AS: ['10.1.0', /'10\.1\.0' is not an address/],
      Client: ['198.51.100.0/33', /'198\.51\.100\.0\/33' is not an address or a prefix/],
    },
    submit: (root) => root.getByRole('button', { name: 'Find', exact: true }).click(),
  },
  {
    name: 'explain',
    source: ['explain/explain-view.tsx'],
    open: async (user) => {
      await user.show('Explain');
      return user.page.getByRole('main');
    },
    wrong: { Flow: ['203.0.113.1:99999/tcp', /203\.0\.113\.1:99999/] },
    submit: (root) => root.getByRole('button', { name: 'Explain', exact: true }).click(),
  },
];
