import type { LbEvent } from '@lb/control/client';
import { describe, expect, it } from 'vitest';
import { isOfKind, mergeEvents } from './merge-events.js';

function revision(id: number): LbEvent {
  const base = { id, at: '2026-11-22T18:45:02.120Z', level: 'info', text: '' } as const;
  return { ...base, type: 'revision', number: id, author: 'ann', note: '' };
}

describe('events', () => {
  it('that were read and those that came since are one list, newest first', () => {
    const merged = mergeEvents([revision(1), revision(3)], [revision(3), revision(7)]);
    expect(merged.map(({ id }) => id)).toEqual([7, 3, 1]);
  });

  it('are narrowed by what they are about, also those of types to come', () => {
    expect(isOfKind(revision(1), 'configuration')).toBe(true);
    expect(isOfKind(revision(1), 'servers')).toBe(false);
    expect(isOfKind(revision(1), 'all')).toBe(true);
    expect(isOfKind({ ...revision(1), type: 'eclipse' } as unknown as LbEvent, 'machine')).toBe(true);
  });
});
