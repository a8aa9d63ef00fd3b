import { effectiveAss, type FlowsOf, parseConfig, plan } from '@lb/control';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { AppProvider, createActions, createStores } from '../stores/index.js';
import { WhatIfFigures } from './what-if-figures.js';

const configOf = (ass: readonly object[]) =>
  parseConfig({ vips: [{ prefix: '90.0.0.0/8', encap: 'gre4', newLen: 1024, ass }] }).config;
const two = configOf([{ address: '10.0.0.1' }, { address: '10.0.0.2' }]);

/** What the figures of a change say, without its mark-up. */
function textOf(staged: typeof two, flowsOf?: FlowsOf, base = two): string {
  const side = (config: typeof two) => ({ config, effective: effectiveAss(config, 0, () => 'healthy') });
  const stores = createStores();
  const bridge = { call: () => Promise.reject(new Error('not asked')), on: () => () => {} };
  const app = { stores, bridge, actions: createActions(bridge, stores, () => {}) };
  const figures = createElement(WhatIfFigures, { plan: plan(side(base), side(staged), flowsOf) });
  return renderToStaticMarkup(createElement(AppProvider, { value: app }, figures)).replace(/<[^>]*>/g, '|');
}

describe('the figures of a plan on screen', () => {
  it('say what moves where, also in a table, and what becomes of flows', () => {
    const text = textOf(configOf([{ address: '10.0.0.1' }]), () => 7);
    expect(text).toContain('|512 of 1,024|');
    expect(text).toContain('|50 %|');
    expect(text).toMatch(/Moved beyond need\|+0\|/);
    expect(text).toMatch(/from\|+10\.0\.0\.1\|+10\.0\.0\.2\|+512\|/);
    expect(text).toMatch(/Flows kept on their AS\|+14\|/);
    expect(text).toMatch(/Flows cut\|+0\|/);
  });

  it('warn of flows that are cut', () => {
    const text = textOf(configOf([{ address: '10.0.0.1' }, { address: '10.0.0.2', state: 'disabled' }]), () => 7);
    expect(text).toMatch(/Flows cut\|+7\|/);
    expect(text).toMatch(/▲ .*10\.0\.0\.2.*disabled/);
  });

  it('do not take unknown for 0', () => {
    const text = textOf(configOf([{ address: '10.0.0.1' }]));
    expect(text).toContain('Flows are not counted');
    expect(text).not.toContain('Flows cut');
  });

  it('of nothing say so', () => {
    expect(textOf(two, () => 7)).toContain('No bucket moves and no flow is cut.');
  });

  it('picture the VIPs with most to be seen, and count the others', () => {
    const vip = (i: number, address: string) => ({ prefix: `90.0.${i}.0/24`, newLen: 16, ass: [{ address }] });
    const before = parseConfig({ vips: Array.from({ length: 250 }, (_, i) => vip(i, '10.0.0.1')) }).config;
    const after = parseConfig({ vips: Array.from({ length: 250 }, (_, i) => vip(i, '10.0.0.2')) }).config;
    const text = textOf(after, () => 7, before);
    expect(text.match(/Buckets of 90\.0\.\d+\.0\/24 that move/g)).toHaveLength(4);
    expect(text).toContain('|and 246 more VIPs with buckets that move|');
    expect(text).toMatch(/Flows kept on their AS\|+3,500\|/);
  });
});
