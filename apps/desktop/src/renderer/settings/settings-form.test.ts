import { type Config, configSchema } from '@lb/control';
import { describe, expect, it } from 'vitest';
import { applyEdits } from '../stores/index.js';
import { configOf, NOW } from '../stores/stores.testkit.js';
import { checkSettings, SETTING_GROUPS, settingLines, settingValues } from './settings-form.js';

const FULL = configOf({
  ip4SrcAddress: '192.0.2.254',
  ip6SrcRange: '2001:db8:1::/112',
  buckets: 4096,
  timeout: 60,
  tcpTimeout: 900,
  tcpClosingTimeout: 5,
  table: 'vpp',
  natInterfaces: { nat4: ['eth1', 'eth2'] },
  interfaces: [{ name: 'eth0' }],
  vips: [{ prefix: '90.0.0.0/8', ass: [{ address: '10.0.0.1' }] }],
});

function check(config: Config, values: Record<string, string>) {
  return checkSettings(config, { ...settingValues(config), ...values });
}

/** The lines that a form stages, which have to make what the form says. */
function lines(values: Record<string, string>): readonly string[] {
  const { config } = check(FULL, values);
  const staged = settingLines(FULL, config!);
  const { config: made, failed } = applyEdits(FULL, [{ kind: 'commands', lines: staged }], NOW);
  expect(failed).toEqual([]);
  expect(made).toEqual(config);
  return staged;
}

const placeholder = (name: string, values: Record<string, string>) =>
  SETTING_GROUPS.flatMap(({ fields }) => fields)
    .find((field) => field.name === name)!
    .emptyText?.({ ...settingValues(FULL), ...values });

describe('the form of settings', () => {
  it('has a field for every setting that counts without a start of the daemon, and for the size of its flow tables', () => {
    const names = SETTING_GROUPS.flatMap(({ fields }) => fields.map(({ name }) => name));
    const { vips: _, interfaces: __, listeners: ___, natInterfaces: ____, ...settings } = configSchema.shape;
    expect(names.sort()).toEqual([...Object.keys(settings), 'nat4', 'nat6'].sort());
  });

  it('stages nothing when nothing was typed, and keeps all that it has no field for', () => {
    const { config } = check(FULL, {});
    expect(config).toEqual(FULL);
    expect(settingLines(FULL, config!)).toEqual([]);
  });

  it('stages one line for all that is set, changed or taken back', () => {
    expect(lines({ timeout: '50', tcpTimeout: '', udpTimeout: '20', table: 'maglev', ip4SrcAddress: '' })).toEqual([
      'lb conf no ip4-src-address timeout 50 no tcp-timeout udp-timeout 20 table maglev',
    ]);
    // Empty is the default.
    expect(lines({ buckets: '', timeout: '' })).toEqual(['lb conf buckets 1024 timeout 40']);
  });

  it('stages a line for each interface that comes or goes', () => {
    expect(lines({ nat4: ' eth1  eth3', nat6: 'eth6' })).toEqual([
      'lb set interface nat4 in eth2 del',
      'lb set interface nat4 in eth3',
      'lb set interface nat6 in eth6',
    ]);
  });

  it.each([
    ['timeout', '0', /^timeout must be .* got 0$/],
    ['udpTimeout', 'long', /^udpTimeout must be .* got 'long'$/],
    ['tcpOpeningTimeout', '901', /is 901, but must be at most 900/],
    ['ip4SrcRange', '192.0.2.0/7', /length 8 to 32/],
    ['nat4', 'eth1 a#b', /interface name .* got 'a#b'/],
    ['nat6', 'eth1 eth1', /eth1/],
  ])('says at the field what is wrong: %s %s', (name, text, reason) => {
    const { errors } = check(FULL, { [name]: text });
    expect([...errors!.keys()]).toEqual([name]);
    expect(errors!.get(name)).toMatch(reason);
  });

  it('shows what an empty time comes to', () => {
    expect(placeholder('tcpTimeout', {})).toBe('60');
    expect(placeholder('tcpTimeout', { timeout: '7' })).toBe('7');
    expect(placeholder('tcpOpeningTimeout', {})).toBe('10');
    expect(placeholder('tcpOpeningTimeout', { tcpTimeout: '6' })).toBe('6');
    expect(placeholder('udpTimeout', { timeout: 'soon' })).toBe('');
  });
});
