import promises from 'node:fs/promises';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { anyConfig } from '../config.testkit.js';
import type { Config } from '../schema.js';
import { DesiredState } from './desired-state.js';
import { config, systemError, temporaryFolder } from './state.testkit.js';
import { StateStore } from './state-store.js';

const base = temporaryFolder();
let made = 0;
afterEach(() => {
  vi.restoreAllMocks();
});

type Operation =
  | { readonly do: 'change'; readonly to: Config; readonly basedOn: 'nothing' | 'current' | 'an older one' }
  | { readonly do: 'change in place'; readonly buckets: number }
  | { readonly do: 'refuse'; readonly to: Config }
  | { readonly do: 'fail to store'; readonly to: Config; readonly call: 'open' | 'rename' }
  | { readonly do: 'roll back'; readonly by: number }
  | { readonly do: 'restart' };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    do: fc.constant('change' as const),
    to: anyConfig,
    basedOn: fc.constantFrom('nothing' as const, 'current' as const, 'an older one' as const),
  }),
  fc.record({ do: fc.constant('change in place' as const), buckets: fc.constantFrom(1024, 2048, 4096) }),
  fc.record({ do: fc.constant('refuse' as const), to: anyConfig }),
  fc.record({ do: fc.constant('fail to store' as const), to: anyConfig, call: fc.constantFrom('open', 'rename') }),
  fc.record({ do: fc.constant('roll back' as const), by: fc.nat(8) }),
  fc.record({ do: fc.constant('restart' as const) }),
);

/** The slow obvious version: a list of configurations, the last of which is current. */
class Model {
  readonly configs: Config[] = [config()];

  get current(): Config {
    return this.configs.at(-1)!;
  }

  become(next: Config): void {
    if (!isSame(next, this.current)) this.configs.push(next);
  }

  /** The configuration of revision `number`. */
  at(number: number): Config | undefined {
    return this.configs[number - 1];
  }
}

function isSame(a: Config, b: Config): boolean {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
}

test('whatever is done, and whenever it is started anew, the state is that of the model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 25 }), fc.constantFrom(3, 1000), async (operations, keep) => {
      const folder = path.join(base, `state-${++made}`);
      const model = new Model();
      let store = await StateStore.open(folder, { keep });
      let state = await DesiredState.open(store, config());
      for (const operation of operations) {
        if (operation.do === 'restart') {
          await store.close();
          store = await StateStore.open(folder, { keep });
          state = await DesiredState.open(store, config({ timeout: 99 }));
        } else {
          await carryOut(operation, state, model);
        }
        expect([state.current.number, state.current.config]).toEqual([model.configs.length, model.current]);
      }
      await checkHistory(state, model, keep);
      expect(store.findings).toEqual([]);
      await store.close();
    }),
    { numRuns: 25 },
  );
}, 60_000);

async function carryOut(operation: Exclude<Operation, { do: 'restart' }>, state: DesiredState, model: Model) {
  const author = 'ann';
  const { number } = state.current;
  switch (operation.do) {
    case 'change': {
      const wrong = operation.basedOn === 'an older one';
      const ifMatch = wrong ? number - 1 : number;
      const based = operation.basedOn === 'nothing' ? {} : { ifMatch };
      const done = state.change(() => operation.to, { author, ...based });
      if (wrong) return expect(done).rejects.toMatchObject({ code: 'LB_STATE_CONFLICT', current: number });
      await done;
      return model.become(operation.to);
    }
    case 'change in place':
      await state.change((current) => ({ ...current, buckets: operation.buckets }), { author });
      return model.become({ ...model.current, buckets: operation.buckets });
    case 'refuse': {
      if (isSame(operation.to, model.current)) return;
      const prepare = () => {
        throw new Error('no');
      };
      return expect(state.change(() => operation.to, { author, prepare })).rejects.toThrow('no');
    }
    case 'fail to store': {
      if (isSame(operation.to, model.current)) return;
      const failing = vi.spyOn(promises, operation.call).mockRejectedValue(systemError('ENOSPC'));
      const done = state.change(() => operation.to, { author });
      await expect(done).rejects.toMatchObject({ code: 'LB_STATE_DISK' });
      return failing.mockRestore();
    }
    case 'roll back': {
      const to = number - operation.by;
      const done = state.rollback(to, { author });
      const kept = state.history().some((entry) => entry.number === to);
      if (!kept) return expect(done).rejects.toMatchObject({ code: 'LB_STATE_NO_REVISION' });
      await done;
      return model.become(model.at(to)!);
    }
  }
}

/** The history has the configurations of the model, and made again from it, it is the same. */
async function checkHistory(state: DesiredState, model: Model, keep: number): Promise<void> {
  const history = [...state.history()].reverse();
  const oldest = Math.max(model.configs.length - keep, 0) + 1;
  expect(history.map(({ number }) => number)).toEqual(model.configs.map((_, i) => i + 1).slice(oldest - 1));
  const revisions = await Promise.all(history.map(({ number }) => state.revision(number)));
  expect(revisions.map(({ config }) => config)).toEqual(model.configs.slice(oldest - 1));
  const [first, ...rest] = revisions;
  const replayed = await DesiredState.open(undefined, first!.config, { author: first!.author });
  for (const { config, author } of rest) await replayed.change(() => config, { author });
  expect([...replayed.history()].reverse().map(({ hash }) => hash)).toEqual(history.map(({ hash }) => hash));
}
