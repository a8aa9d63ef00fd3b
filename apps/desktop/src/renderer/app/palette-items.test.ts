import { describe, expect, it } from 'vitest';
import { commandLines, isCommandText } from '../stores/index.js';
import { oneVip } from '../stores/stores.testkit.js';
import { paletteItems } from './palette-items.js';

const actions = [{ text: 'Undo', run: () => undefined }];
const views = [{ view: 'vips', title: 'VIPs', component: () => null }] as const;
const find = (text: string) => paletteItems(text, { views, actions, vips: oneVip().vips }).map((item) => item.text);

describe('the palette', () => {
  it('offers views and actions at first, VIPs once something is typed', () => {
    expect(find('')).toEqual(['VIPs', 'Undo']);
    expect(find('vip')).toEqual(['VIPs', 'VIP 90.0.0.0/8']);
    expect(find('90.0 vip')).toEqual(['VIP 90.0.0.0/8']);
    expect(find('und')).toEqual(['Undo']);
    expect(find('nothing')).toEqual([]);
  });

  it('offers fifty VIPs at most', () => {
    const vips = Array.from({ length: 200 }, (_, i) => ({ ...oneVip().vips[0]!, prefix: `10.0.${i}.0/24` }));
    expect(paletteItems('10.0', { views, actions, vips })).toHaveLength(50);
  });

  it('takes what begins with lb, or has several lines, for commands', () => {
    for (const text of ['lb vip 90.0.0.0/8', 'lb', '  lb as x', '# note', 'a\nb'])
      expect(isCommandText(text)).toBe(true);
    for (const text of ['', 'lbx', '90.0.0.0/8', 'vips']) expect(isCommandText(text)).toBe(false);
  });

  it('leaves blank lines out', () => {
    expect(commandLines('lb vip a\r\n\n  \nlb vip b\n')).toEqual(['lb vip a', 'lb vip b']);
  });
});
