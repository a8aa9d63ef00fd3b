import { describe, expect, it } from 'vitest';
import type { InputOf, OutputOf } from '../../shared/contract.js';
import { applyStaged, blockedBy } from './apply-staged.js';
import type { Edit } from './edit.js';
import { createStores } from './stores.js';
import { daemonInfo, FakeBridge, NOW, oneVip } from './stores.testkit.js';

type ApiAnswer = OutputOf<'api.call'>;
type ApiInput = InputOf<'api.call'>;

const WEIGHT: Edit = { kind: 'commands', lines: ['lb as 90.0.0.0/8 10.0.0.1 weight 50'] };
const FLUSH: Edit = { kind: 'commands', lines: ['lb flush vip 90.0.0.0/8'] };

function staged(edits: readonly Edit[], answer: (input: ApiInput) => ApiAnswer) {
  const stores = createStores(() => NOW);
  const base = { config: oneVip(), revision: 7 };
  stores.connection.getState().setDaemons([daemonInfo('one')]);
  stores.staged.getState().follow(base);
  for (const edit of edits) stores.staged.getState().stage(edit);
  const bridge = new FakeBridge({ 'api.call': answer });
  return { stores, bridge, base, asked: () => bridge.inputsOf('api.call') };
}

describe('apply', () => {
  it('replaces the configuration on the revision that it is based on', async () => {
    const { stores, bridge, asked } = staged([WEIGHT], ({ operation }) =>
      operation === 'putConfig'
        ? { ok: true, value: { revision: { number: 8 }, warnings: [] } }
        : { ok: true, value: oneVip(), revision: 8 },
    );
    expect(await applyStaged(bridge, stores, { note: 'less for one' })).toEqual({ kind: 'applied', revision: 8 });
    const { operation, call } = asked()[0]!;
    expect(operation).toBe('putConfig');
    expect(call).toMatchObject({ ifMatch: 7, query: { note: 'less for one' } });
    expect(call.body).toMatchObject({ vips: [{ ass: [{ weight: 50 }, {}, {}, {}] }] });
    expect(stores.staged.getState()).toMatchObject({ edits: [], past: [], base: { revision: 8 } });
    expect(stores.config.getState().revision).toBe(8);
  });

  it('counts a deadline from when it is applied, not from when it was staged', async () => {
    const drain: Edit = { kind: 'commands', lines: ['lb as 90.0.0.0/8 10.0.0.1 drain deadline 60'] };
    const { stores, bridge, asked } = staged([drain], () => ({
      ok: true,
      value: { revision: { number: 8 }, warnings: [] },
    }));
    await applyStaged(bridge, stores, { now: NOW + 3_600_000 });
    expect(asked()[0]!.call.body).toMatchObject({
      vips: [{ ass: [{ drainUntil: '2026-03-01T13:01:00.000Z' }, {}, {}, {}] }],
    });
  });

  it('sends lines that flush as one list of commands', async () => {
    const { stores, bridge, asked } = staged([WEIGHT, FLUSH], ({ operation }) =>
      operation === 'exec'
        ? { ok: true, value: { output: '', json: [], warnings: [], revision: 8 } }
        : { ok: true, value: oneVip(), revision: 8 },
    );
    expect(await applyStaged(bridge, stores)).toEqual({ kind: 'applied', revision: 8 });
    expect(asked()[0]).toMatchObject({
      operation: 'exec',
      call: { ifMatch: 7, body: { lines: ['lb as 90.0.0.0/8 10.0.0.1 weight 50', 'lb flush vip 90.0.0.0/8'] } },
    });
  });

  it('keeps the edits and says what others changed when the revision is another by now', async () => {
    const { stores, bridge } = staged([WEIGHT], ({ operation }) =>
      operation === 'getConfig'
        ? { ok: true, value: oneVip(5), revision: 9 }
        : { ok: false, error: { code: 'LB_API_REVISION', message: 'changed', status: 412, revision: 9, problems: [] } },
    );
    expect(await applyStaged(bridge, stores)).toEqual({ kind: 'conflict' });
    const { conflict, edits } = stores.staged.getState();
    expect(edits).toEqual([WEIGHT]);
    expect(conflict).toMatchObject({ theirs: { revision: 9 }, changes: [{ kind: 'add', as: '10.0.0.5' }] });
    stores.staged.getState().rebase();
    expect(blockedBy(stores.staged.getState())).toBeNull();
  });

  it('keeps the edits when the daemon refuses', async () => {
    const error = { code: 'LB_API_ROLE', message: 'may only read', status: 403, problems: [] };
    const { stores, bridge } = staged([WEIGHT], () => ({ ok: false, error }));
    expect(await applyStaged(bridge, stores)).toEqual({ kind: 'failed', error });
    expect(stores.staged.getState().edits).toEqual([WEIGHT]);
  });
});

describe('what keeps a change from being applied', () => {
  const none = () => ({ ok: true, value: null }) as ApiAnswer;

  it('nothing staged, and then nothing is asked', async () => {
    const { stores, bridge, asked } = staged([], none);
    expect(await applyStaged(bridge, stores)).toBeNull();
    expect(asked()).toEqual([]);
  });

  it('a conflict, and lines that no longer fit', () => {
    const { stores } = staged([{ kind: 'commands', lines: ['lb as 90.0.0.0/8 10.0.0.4 del'] }], none);
    stores.staged.getState().follow({ config: oneVip(3), revision: 8 });
    expect(blockedBy(stores.staged.getState())).toContain('rebase');
    stores.staged.getState().rebase();
    expect(blockedBy(stores.staged.getState())).toContain('no longer fit');
  });

  it('flushing beside what is no command line', () => {
    const { stores } = staged(
      [FLUSH, { kind: 'vips', vips: [{ prefix: '90.0.0.0/8' }], change: { newLen: 16 } }],
      none,
    );
    expect(blockedBy(stores.staged.getState())).toContain('flush');
  });
});
