import { applyCommands, checkSchema, emptyConfig, parseCommands, vipSchema } from '@lb/control';
import { describe, expect, it } from 'vitest';
import { applyEdits, editLines } from '../stores/index.js';
import { configOf, NOW, oneVip } from '../stores/stores.testkit.js';
import {
  addVipEdit,
  CHECK_FORM_FIELDS,
  changeVipEdit,
  checkVipForm,
  NAME_FIELDS,
  NEW_VIP,
  SETTING_FIELDS,
  vipValues,
} from './vip-form.js';

const check = (values: Record<string, string>, config = emptyConfig()) =>
  checkVipForm(config, { ...NEW_VIP, ...values }, undefined);

describe('a new VIP', () => {
  it('has what the form says, and defaults', () => {
    const { vip } = check({ prefix: '90.1.2.3/8', newLen: '4096', ass: '10.0.0.1, 10.0.0.2\n10.0.0.3' });
    expect(vip).toMatchObject({ prefix: '90.0.0.0/8', encap: 'gre4', newLen: 4096, panic: 25 });
    expect(vip?.ass.map(({ address }) => address)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
  });

  it.each([
    ['prefix', { prefix: '90.0.0.0/33' }, /prefix must be an IPv4 prefix/],
    ['prefix', { prefix: '' }, /prefix must be/],
    ['port', { port: '65536' }, /port must be a whole number from 1 to 65535/],
    ['port', { port: 'http' }, /port must be a whole number/],
    ['newLen', { newLen: '1000' }, /newLen must be a power of two/],
    ['panic', { panic: '101' }, /panic must be a whole number from 0 to 100/],
    ['mssClamp', { mssClamp: '12' }, /mssClamp must be/],
    ['check.interval', { port: '80', 'check.type': 'tcp', 'check.interval': '0' }, /interval must be/],
    ['check.path', { port: '80', 'check.type': 'http', 'check.path': 'health' }, /path must be/],
    ['ass', { ass: '10.0.0.1 10.0.0.1' }, /10\.0\.0\.1/],
    ['ass', { ass: '2001:db8::1' }, /gre4/],
    ['targetPort', { encap: 'nat4', port: '80', targetPort: '0' }, /targetPort must be/],
  ])('says at %s what is wrong with %o', (field, values, message) => {
    const { errors } = check({ prefix: '90.0.0.0/8', ...values });
    expect([...(errors?.keys() ?? [])]).toEqual([field]);
    expect(errors?.get(field)).toMatch(message);
  });

  it('cannot have the name of another', () => {
    const { errors } = check({ prefix: '90.0.0.0/8' }, oneVip());
    expect(errors?.get('prefix')).toContain('exists already');
  });

  it('leaves out what has no meaning with the encapsulation', () => {
    const { vip } = check({ prefix: '90.0.0.0/8', dscp: '7', targetPort: '80' });
    expect(vip).not.toHaveProperty('dscp');
    expect(vip).not.toHaveProperty('targetPort');
  });

  it('is staged as the command lines that make it', () => {
    const { vip } = check({
      prefix: '90.1.2.1',
      port: '80',
      protocol: 'tcp',
      mssClamp: '1400',
      'check.type': 'https',
      'check.tlsVerify': '',
      ass: '10.0.0.1',
    });
    const edit = addVipEdit(vip!);
    expect(edit).toMatchObject({
      lines: [
        'lb vip 90.1.2.1/32 protocol tcp port 80 encap gre4 new_len 1024 mss_clamp 1400 check https tls_verify false',
        'lb as 90.1.2.1/32 protocol tcp port 80 10.0.0.1',
      ],
    });
    expect(applyEdits(emptyConfig(), [edit], NOW)).toMatchObject({ config: { vips: [vip] }, failed: [] });
  });
});

describe('a VIP that is edited', () => {
  const config = configOf({
    ip4SrcAddress: '192.0.2.254',
    vips: [
      {
        prefix: '90.1.2.1',
        port: 443,
        srcIpSticky: true,
        check: { type: 'https', path: '/up', tlsVerify: false, fall: 5 },
        ass: [{ address: '10.0.0.1', weight: 30 }],
      },
    ],
  });
  const before = config.vips[0]!;

  it('is the same when nothing was typed', () => {
    const { vip } = checkVipForm(config, vipValues(before), before);
    expect(vip).toEqual(before);
    expect(changeVipEdit(before, vip!)).toBeUndefined();
  });

  it('becomes an edit of what changed only, and keeps its ASs', () => {
    const values = { ...vipValues(before), newLen: '2048', srcIpSticky: '', 'check.type': '' };
    const { vip } = checkVipForm(config, values, before);
    const edit = changeVipEdit(before, vip!);
    expect(edit).toEqual({
      kind: 'vips',
      vips: [{ prefix: '90.1.2.1/32', port: 443 }],
      change: { newLen: 2048, srcIpSticky: false, check: null },
    });
    expect(applyEdits(config, [edit!], NOW).config.vips).toEqual([vip]);
    const lines = editLines(edit!);
    expect(lines).toEqual(['lb set vip 90.1.2.1/32 port 443 new_len 2048 no src_ip_sticky no check']);
    expect(applyEdits(config, [{ kind: 'commands', lines }], NOW).config.vips).toEqual([vip]);
    expect(vip?.ass).toEqual(before.ass);
  });
});

it('has a field for everything that a VIP has, so that nothing is lost by editing', () => {
  const names = [...NAME_FIELDS, ...SETTING_FIELDS, ...CHECK_FORM_FIELDS].map(({ name }) => name);
  const ofVip = Object.keys(vipSchema.shape).filter((name) => name !== 'ass' && name !== 'check');
  const ofCheck = Object.keys(checkSchema.shape).map((name) => `check.${name}`);
  expect(names.sort()).toEqual([...ofVip, ...ofCheck].sort());
});

it('knows the form of any VIP that command lines can make', () => {
  const lines = [
    'lb vip 90.0.0.0/8 encap l3dsr dscp 7 new_len 64 last_as keep panic 0',
    'lb vip 91.0.0.0/8 port 53 protocol udp encap nat4 target_port 5353 check udp send x expect y rise 4 jitter 0.3',
  ];
  const { config } = applyCommands(emptyConfig(), parseCommands(lines.join('\n')));
  for (const vip of config.vips) expect(checkVipForm(config, vipValues(vip), vip).vip).toEqual(vip);
});
