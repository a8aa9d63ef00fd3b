import type { Config } from '@lb/control';
import type { CountersSample, LbEvent } from '@lb/control/client';
import { expect, it } from 'vitest';
import { SamplePacker } from '../../shared/sample-packer.js';
import { linkStores } from './link.js';
import { createStores } from './stores.js';
import { daemonInfo, FakeBridge, NOW, oneVip, sampleOf, settled } from './stores.testkit.js';

const REVISION: LbEvent = {
  id: 5,
  at: new Date(NOW).toISOString(),
  level: 'info',
  text: 'revision 2 by root',
  type: 'revision',
  number: 2,
  author: 'root',
  note: '',
};

/** As it comes from the main process. */
const packed = (sample: CountersSample) => new SamplePacker().pack(sample);

async function linked(...daemons: ReturnType<typeof daemonInfo>[]) {
  const configs = new Map<string, { config: Config; revision: number }>();
  for (const { id } of daemons) configs.set(id, { config: oneVip(), revision: 1 });
  const bridge = new FakeBridge({
    'daemons.list': () => daemons,
    'api.call': ({ daemon }) => {
      const { config, revision } = configs.get(daemon)!;
      return { ok: true, value: config, revision };
    },
  });
  const stores = createStores(() => NOW);
  const unlink = linkStores(bridge, stores, () => NOW);
  await settled();
  return { bridge, stores, configs, unlink };
}

it('watches the first daemon and reads its configuration', async () => {
  const { bridge, stores } = await linked(daemonInfo('one'), daemonInfo('two'));
  expect(stores.connection.getState().selected).toBe('one');
  expect(bridge.inputsOf('stream.watch')).toMatchObject([{ daemon: 'one' }]);
  expect(stores.config.getState()).toMatchObject({ revision: 1, config: oneVip() });
  expect(stores.staged.getState().base?.revision).toBe(1);
});

it('reads the configuration once the daemon is connected, not before', async () => {
  const { bridge, stores } = await linked(daemonInfo('one', 'connecting'));
  expect(bridge.inputsOf('api.call')).toEqual([]);
  bridge.tell({ daemon: 'one', kind: 'state', info: daemonInfo('one') });
  await settled();
  expect(stores.config.getState().revision).toBe(1);
});

it('keeps samples and events of the daemon that is shown, and of no other', async () => {
  const { bridge, stores } = await linked(daemonInfo('one'), daemonInfo('two'));
  bridge.tell({ daemon: 'two', kind: 'counters', sample: packed(sampleOf(oneVip(2))) });
  expect(stores.live.getState().latest).toBeNull();
  const sample = sampleOf(oneVip());
  bridge.tell({ daemon: 'one', kind: 'counters', sample: packed(sample) });
  bridge.tell({ daemon: 'one', kind: 'event', event: REVISION });
  bridge.tell({ daemon: 'one', kind: 'event', event: REVISION });
  const { latest, receivedAt, events } = stores.live.getState();
  expect(JSON.parse(JSON.stringify(latest))).toEqual(sample);
  expect({ receivedAt, events }).toEqual({ receivedAt: NOW, events: [REVISION] });
});

it('reads the configuration again when a new revision is told of, or seen in the numbers', async () => {
  const { bridge, stores, configs } = await linked(daemonInfo('one'));
  configs.set('one', { config: oneVip(5), revision: 2 });
  bridge.tell({ daemon: 'one', kind: 'event', event: REVISION });
  await settled();
  expect(stores.config.getState().revision).toBe(2);
  configs.set('one', { config: oneVip(6), revision: 3 });
  bridge.tell({ daemon: 'one', kind: 'counters', sample: packed(sampleOf(oneVip(), { revision: 3 })) });
  await settled();
  expect(stores.config.getState().config?.vips[0]?.ass).toHaveLength(6);
});

it('keeps a staged change with its daemon', async () => {
  const { bridge, stores } = await linked(daemonInfo('one'), daemonInfo('two'));
  stores.staged.getState().stage({ kind: 'commands', lines: ['lb as 90.0.0.0/8 10.0.0.1 weight 1'] });
  stores.connection.getState().select('two');
  await settled();
  expect(bridge.inputsOf('stream.unwatch')).toEqual([{ daemon: 'one' }]);
  expect(stores.staged.getState().edits).toEqual([]);
  stores.connection.getState().select('one');
  await settled();
  expect(stores.staged.getState().edits).toHaveLength(1);
  expect(stores.staged.getState().result?.vips[0]?.ass[0]?.weight).toBe(1);
});

it('keeps the preview of what is staged, and has none otherwise', async () => {
  const { bridge, stores } = await linked(daemonInfo('one'));
  bridge.tell({ daemon: 'one', kind: 'counters', sample: packed(sampleOf(oneVip(), { flows: 9 })) });
  stores.staged.getState().stage({ kind: 'commands', lines: ['lb as 90.0.0.0/8 10.0.0.1 del'] });
  expect(stores.preview.getState().plan).toMatchObject({ vips: [{ moved: 2 }], flows: { kept: 36, cut: 0 } });
  stores.staged.getState().undo();
  expect(stores.preview.getState().plan).toBeNull();
});

it('hears nothing any more once it is ended', async () => {
  const { bridge, stores, unlink } = await linked(daemonInfo('one'));
  unlink();
  bridge.tell({ daemon: 'one', kind: 'counters', sample: packed(sampleOf(oneVip())) });
  expect(stores.live.getState().latest).toBeNull();
});

it('takes over from a daemon that was started without its state, also in the middle of a change', async () => {
  const { bridge, stores, configs } = await linked(daemonInfo('one'));
  configs.set('one', { config: oneVip(3), revision: 5 });
  bridge.tell({ daemon: 'one', kind: 'gap' });
  await settled();
  configs.set('one', { config: oneVip(2), revision: 1 });
  bridge.tell({ daemon: 'one', kind: 'counters', sample: packed(sampleOf(oneVip(2), { revision: 1 })) });
  await settled();
  expect(stores.config.getState()).toMatchObject({ revision: 1, config: oneVip(2) });
  expect(stores.staged.getState()).toMatchObject({ base: { revision: 1 }, conflict: null });
  const { prefix } = oneVip().vips[0]!;
  expect(stores.staged.getState().stage({ kind: 'commands', lines: [`lb as ${prefix} 10.7.7.7`] })).toEqual([]);
  // The same number, and another configuration.
  configs.set('one', { config: oneVip(3), revision: 1 });
  bridge.tell({ daemon: 'one', kind: 'gap' });
  await settled();
  expect(stores.staged.getState()).toMatchObject({
    conflict: { theirs: { revision: 1 } },
    edits: [{ kind: 'commands' }],
  });
});

it('takes no answer to an older question than the last one that was answered', async () => {
  const answers: ((revision: number) => void)[] = [];
  const bridge = new FakeBridge({
    'daemons.list': () => [daemonInfo('one')],
    'api.call': () =>
      new Promise((resolve) => answers.push((revision) => resolve({ ok: true, value: oneVip(revision), revision }))),
  });
  const stores = createStores(() => NOW);
  linkStores(bridge, stores, () => NOW);
  await settled();
  bridge.tell({ daemon: 'one', kind: 'gap' });
  answers[1]!(2);
  await settled();
  answers[0]!(3);
  await settled();
  expect(stores.config.getState().revision).toBe(2);
});
