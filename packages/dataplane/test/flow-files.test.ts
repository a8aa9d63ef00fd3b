import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LbError } from '@lb/core';
import { FlowTable } from '@lb/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { monotonicClock } from '../src/clock.js';
import type { SavedSlots } from '../src/image/saved-slots.js';
import { libraryPath } from '../src/native/index.js';
import { FLOW_SIDE_WORDS } from '../src/pipeline/flow-details.js';
import { NatSessions, SESSION_NODE_PORT } from '../src/pipeline/nat-sessions.js';
import { SESSION_TENTATIVE } from '../src/pipeline/nat-shared.js';
import { FlowFiles, type FlowFilesOptions, Supervisor } from '../src/worker/index.js';
import { wordsOf } from '../src/worker/shared-words.js';
import { describeLive } from './live-network.testkit.js';

const LINES = 16;
const BOOT = '00112233445566778899aabbccddeeff';
/** VIP slots 0 and 1, AS slots 0 to 2. */
const slots: SavedSlots = {
  vips: { size: 2, slots: [['v', 1]] },
  ass: { size: 3, slots: [['a', 2]] },
  owners: [{ key: 'a', vip: 'v', address: '10.0.0.1', weight: 100 }],
};

describeLive('flow tables in files', () => {
  let parent: string;
  let dir: string;
  let open: FlowFiles[] = [];

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'lb-flows-'));
    dir = join(parent, 'flows');
  });
  afterEach(() => {
    for (const files of open) files.close();
    open = [];
    rmSync(parent, { recursive: true, force: true });
  });

  function opened(more: Partial<FlowFilesOptions> = {}): FlowFiles {
    const files = FlowFiles.open({ dir, workers: 2, flowTableLines: LINES, boot: BOOT, ...more });
    open.push(files);
    return files;
  }

  function flowsOf(files: FlowFiles, worker: number): FlowTable {
    const memory = wordsOf(files.tables(worker).flows, libraryPath());
    return new FlowTable({ lines: files.flowTableLines, secret: files.secret, memory });
  }

  /** One flow of AS slot 2 in each worker's table, as a process leaves them. */
  function leave(more: Partial<FlowFilesOptions> = {}): void {
    const files = opened(more);
    files.save(slots);
    const now = monotonicClock();
    for (let worker = 0; worker < files.workers; worker++)
      flowsOf(files, worker).insert(5, worker, now, now + 10_000, 3);
    files.close();
  }

  const names = () => readdirSync(dir).sort();
  const path = (name: string) => join(dir, name);

  it('begin empty, in files that nobody else can read', () => {
    const files = opened();
    expect(files).toMatchObject({ saved: undefined, findings: [], flows: 0, isInherited: false });
    expect(names()).toEqual(['flows-0.bin', 'flows-1.bin']);
    files.save(slots);
    expect(names()).toEqual(['flows-0.bin', 'flows-1.bin', 'flows-owners']);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    for (const name of names()) expect(statSync(path(name)).mode & 0o777).toBe(0o600);
  });

  it('are there again, with what they mean', () => {
    leave();
    const files = opened();
    expect(files).toMatchObject({ saved: slots, findings: [], flows: 2, isInherited: true });
    for (const worker of [0, 1]) {
      const flows = flowsOf(files, worker);
      expect(flows.valueAt(flows.find(5, worker, monotonicClock()))).toBe(3);
    }
  });

  it('keep NAT sessions with their side words, and details of flows', () => {
    const tables = (files: FlowFiles) => {
      const { sessions, flowDetails, flows } = files.tables(1);
      const [words, side, details, memory] = [sessions.words, sessions.side, flowDetails!, flows].map((shared) =>
        wordsOf(shared, libraryPath()),
      );
      const { secret } = files;
      return {
        sessions: NatSessions.tableIn(LINES, secret, { memory: words, side }),
        flows: new FlowTable({ lines: LINES, secret, memory, sideWords: FLOW_SIDE_WORDS, side: details }),
      };
    };
    const files = opened({ flowDetails: true });
    files.save(slots);
    const now = monotonicClock();
    const before = tables(files);
    const session = before.sessions.insert(7, 8, now, now + 10_000, 2 | SESSION_NODE_PORT | SESSION_TENTATIVE);
    before.sessions.side.fill(77, before.sessions.sideAt(session), before.sessions.sideAt(session) + 8);
    const flow = before.flows.insert(9, 9, now, now + 10_000, 1);
    before.flows.side.fill(99, before.flows.sideAt(flow), before.flows.sideAt(flow) + FLOW_SIDE_WORDS);
    files.close();
    const after = tables(opened({ flowDetails: true }));
    expect(after.sessions.find(7, 8, monotonicClock())).toBe(session);
    expect(after.sessions.valueAt(session)).toBe(2 | SESSION_NODE_PORT | SESSION_TENTATIVE);
    expect(after.sessions.side.filter((word) => word === 77)).toHaveLength(8);
    expect(after.flows.find(9, 9, monotonicClock())).toBe(flow);
    expect(after.flows.side.filter((word) => word === 99)).toHaveLength(FLOW_SIDE_WORDS);
  });

  it('lose entries that have ended, and those with slots that nobody ever had', () => {
    const files = opened();
    files.save(slots);
    const flows = flowsOf(files, 0);
    const now = monotonicClock();
    flows.insert(1, 0, now - 100, now - 1, 1);
    flows.insert(2, 0, now, now + 10_000, 4);
    flows.insert(3, 0, now, now + 10_000, 0xffffff);
    flows.insert(4, 0, now, now + 10_000, 3);
    const { sessions } = files.tables(0);
    const memory = wordsOf(sessions.words, libraryPath());
    const side = wordsOf(sessions.side, libraryPath());
    NatSessions.tableIn(LINES, files.secret, { memory, side }).insert(1, 1, now, now + 10_000, 3);
    files.close();
    const after = opened();
    expect(after.flows).toBe(1);
    const left = wordsOf(after.tables(0).flows, libraryPath()).filter((_, word) => word % 16 >= 12);
    expect(left.filter((value) => value !== 0)).toEqual(Int32Array.of(3));
    const values = wordsOf(after.tables(0).sessions.words, libraryPath()).filter((_, word) => word % 16 >= 12);
    expect(values.some((value) => value !== 0)).toBe(false);
  });

  it('are one process at a time', () => {
    const first = opened();
    expect(() => opened()).toThrow(expect.objectContaining({ code: 'LB_FLOWS_LOCKED' }));
    first.close();
    opened();
  });

  describe('are set aside, never read, if', () => {
    const at = (name: string, position: number) => {
      const bytes = readFileSync(path(name));
      bytes[position] ^= 4;
      writeFileSync(path(name), bytes);
    };
    const damaged: [string, string, () => void, Partial<FlowFilesOptions>?][] = [
      ['a file is shorter', 'LB_FLOWS_DAMAGED', () => truncateSync(path('flows-1.bin'), 4096)],
      [
        'a file is a page shorter',
        'LB_FLOWS_DAMAGED',
        () => truncateSync(path('flows-1.bin'), size('flows-1.bin') - 4096),
      ],
      ['a file ends in its header', 'LB_FLOWS_DAMAGED', () => truncateSync(path('flows-0.bin'), 100)],
      ['a file is empty', 'LB_FLOWS_DAMAGED', () => truncateSync(path('flows-0.bin'), 0)],
      ['a file is longer', 'LB_FLOWS_DAMAGED', () => appendFileSync(path('flows-0.bin'), Buffer.alloc(4096))],
      ['a file is missing', 'LB_FLOWS_DAMAGED', () => rmSync(path('flows-1.bin'))],
      ['the first file is missing', 'LB_FLOWS_DAMAGED', () => rmSync(path('flows-0.bin'))],
      ['files were exchanged', 'LB_FLOWS_DAMAGED', () => copyFileSync(path('flows-0.bin'), path('flows-1.bin'))],
      ['the secret was changed', 'LB_FLOWS_DAMAGED', () => at('flows-1.bin', 11 * 4)],
      ['the serial was changed', 'LB_FLOWS_DAMAGED', () => at('flows-0.bin', 32 * 4)],
      ['it is another kind of file', 'LB_FLOWS_DAMAGED', () => at('flows-0.bin', 0)],
      ['the byte order is another', 'LB_FLOWS_INCOMPATIBLE', () => at('flows-0.bin', 4)],
      ['the format is another', 'LB_FLOWS_INCOMPATIBLE', () => at('flows-0.bin', 8)],
      ['the line count is another', 'LB_FLOWS_INCOMPATIBLE', () => {}, { flowTableLines: 2 * LINES }],
      ['there are fewer workers', 'LB_FLOWS_INCOMPATIBLE', () => {}, { workers: 1 }],
      ['there are more workers', 'LB_FLOWS_INCOMPATIBLE', () => {}, { workers: 3 }],
      ['details are wanted now', 'LB_FLOWS_INCOMPATIBLE', () => {}, { flowDetails: true }],
      ['owners are missing', 'LB_FLOWS_DAMAGED', () => rmSync(path('flows-owners'))],
      ['owners are empty', 'LB_FLOWS_DAMAGED', () => truncateSync(path('flows-owners'), 0)],
      ['owners were cut off', 'LB_FLOWS_DAMAGED', () => truncateSync(path('flows-owners'), size('flows-owners') - 1)],
      ['owners were changed', 'LB_FLOWS_DAMAGED', () => at('flows-owners', size('flows-owners') - 20)],
      ['there is more behind the owners', 'LB_FLOWS_DAMAGED', () => appendFileSync(path('flows-owners'), ' ')],
      ['others can read a file', 'LB_FLOWS_FOREIGN', () => chmodSync(path('flows-1.bin'), 0o640)],
      ["a file is another user's", 'LB_FLOWS_FOREIGN', () => chownSync(path('flows-1.bin'), 12345, 12345)],
      [
        'a file is a link',
        'LB_FLOWS_FOREIGN',
        () => {
          renameSync(path('flows-0.bin'), join(parent, 'elsewhere'));
          symlinkSync(join(parent, 'elsewhere'), path('flows-0.bin'));
        },
      ],
      [
        'a file is a folder',
        'LB_FLOWS_DAMAGED',
        () => {
          rmSync(path('flows-0.bin'));
          mkdirSync(path('flows-0.bin'));
        },
      ],
    ];
    const size = (name: string) => statSync(path(name)).size;

    it.each(damaged)('%s: %s', (_, code, damage, more = {}) => {
      leave();
      damage();
      const before = names();
      const files = opened(more);
      expect(files.findings.map((finding: LbError) => finding.code)).toEqual([code]);
      expect(files).toMatchObject({ saved: undefined, flows: 0, isInherited: false });
      for (let worker = 0; worker < files.workers; worker++) {
        expect(wordsOf(files.tables(worker).flows, libraryPath()).some((word) => word !== 0)).toBe(false);
      }
      const aside = names().filter((name) => /\.incompatible-\d{8}T\d{6}Z$/.test(name));
      expect(aside.map((name) => name.replace(/\.incompatible-.*/, ''))).toEqual(before);
      files.save(slots);
      files.close();
      expect(opened(more)).toMatchObject({ saved: slots, findings: [] });
    });

    it('one set is kept, not one of each time', () => {
      for (const flowTableLines of [8, 16, 32]) leave({ flowTableLines });
      leave({ flowTableLines: 64 });
      expect(names().filter((name) => name.includes('incompatible'))).toHaveLength(3);
    });
  });

  it('of owners for other tables are not taken for these', () => {
    leave();
    copyFileSync(path('flows-owners'), join(parent, 'owners'));
    for (const name of names()) rmSync(path(name));
    leave();
    copyFileSync(join(parent, 'owners'), path('flows-owners'));
    expect(opened().findings).toMatchObject([{ code: 'LB_FLOWS_DAMAGED' }]);
  });

  it('of another run of the system are removed', () => {
    leave();
    const files = opened({ boot: BOOT.replace('0', '1') });
    expect(files.findings).toMatchObject([{ code: 'LB_FLOWS_BOOT' }]);
    expect(files.flows).toBe(0);
    expect(names()).toEqual(['flows-0.bin', 'flows-1.bin']);
  });

  it('that no image was ever made for are nothing to speak of', () => {
    opened().close();
    expect(opened()).toMatchObject({ saved: undefined, findings: [] });
    expect(names()).toEqual(['flows-0.bin', 'flows-1.bin']);
  });

  describe('whose owners cannot be written down', () => {
    /** A folder in its place keeps the record from being written, even by root. */
    const obstruct = () => mkdirSync(join(dir, 'flows-owners.tmp', 'x'), { recursive: true });
    const later: SavedSlots = { ...slots, ass: { size: 4, slots: [['b', 2]] } };

    it('are not read by the next process, though the owners before are there', () => {
      const failures: LbError[] = [];
      const files = opened({ saveFailed: (finding) => failures.push(finding) });
      files.save(slots);
      obstruct();
      files.save(later);
      expect(failures).toMatchObject([{ code: 'LB_FLOWS_OWNERS', message: expect.stringContaining(dir) }]);
      files.close();
      rmSync(join(dir, 'flows-owners.tmp'), { recursive: true });
      expect(opened()).toMatchObject({ flows: 0, saved: undefined, findings: [{ code: 'LB_FLOWS_OWNERS' }] });
    });

    it('are read again once a later image had better luck, be it the same', () => {
      const files = opened();
      files.save(slots);
      obstruct();
      files.save(later);
      rmSync(join(dir, 'flows-owners.tmp'), { recursive: true });
      files.save(later);
      files.close();
      expect(opened()).toMatchObject({ saved: later, findings: [] });
    });

    it('by a process that ended between record and tables are understood by the new record', () => {
      leave();
      const record = readFileSync(path('flows-owners'));
      const tables = readFileSync(path('flows-0.bin'));
      const files = opened();
      files.save(later);
      files.close();
      const newer = readFileSync(path('flows-owners'));
      expect(newer).not.toEqual(record);
      writeFileSync(path('flows-0.bin'), tables);
      expect(opened()).toMatchObject({ saved: later, findings: [] });
    });
  });

  it('do not begin where others may write, or where there is no folder', () => {
    mkdirSync(dir);
    chmodSync(dir, 0o777);
    const refused = expect.objectContaining({ code: 'LB_FLOWS_FOLDER', message: expect.stringContaining(dir) });
    expect(() => opened()).toThrow(refused);
    rmSync(dir, { recursive: true });
    symlinkSync(parent, dir);
    expect(() => opened()).toThrow(refused);
    rmSync(dir);
    expect(() => opened({ dir: join(dir, 'deeper') })).toThrow(expect.objectContaining({ code: 'LB_FLOWS_FOLDER' }));
  });

  it('are of as many workers and lines as the supervisor', () => {
    const flowFiles = opened();
    const workers = [{ kind: 'memory', traffic: { targets: [], flows: 1, packetSize: 64, seed: 1 }, rate: 1 }] as const;
    expect(() => new Supervisor({ workers, flowTableLines: LINES, flowFiles })).toThrow(
      expect.objectContaining({
        code: 'LB_WORKER_OPTIONS',
        message: 'flowFiles: of 2 workers with 16 lines, not 1 with 16',
      }),
    );
  });
});

describe('without the native library', () => {
  it('flows cannot be in files, and nothing is made', () => {
    const parent = mkdtempSync(join(tmpdir(), 'lb-flows-'));
    try {
      const options = { dir: join(parent, 'flows'), workers: 1, flowTableLines: 16, library: '/nowhere/liblbqueue.so' };
      expect(() => FlowFiles.open(options)).toThrow(expect.objectContaining({ code: 'LB_NATIVE_LIBRARY' }));
      expect(readdirSync(parent)).toEqual([]);
    } finally {
      rmSync(parent, { recursive: true });
    }
  });
});
