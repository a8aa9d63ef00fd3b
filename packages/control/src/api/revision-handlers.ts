import type { Handlers } from './call.js';

const USUAL_LIMIT = 50;

export const revisionHandlers: Handlers<'listRevisions' | 'getRevision' | 'diffRevisions' | 'rollback'> = {
  listRevisions({ query: { before, limit = USUAL_LIMIT } }, { balancer }) {
    const revisions = balancer.revisions.history({ limit, ...(before !== undefined && { before }) });
    return {
      revisions: revisions.map(({ number, time, author, note, hash }) => ({ number, time, author, note, hash })),
    };
  },
  async getRevision({ params }, { balancer }) {
    const { number, time, author, note, hash, config } = await balancer.revisions.revision(params.number);
    return { number, time, author, note, hash, config };
  },
  async diffRevisions({ params: { from, to } }, { balancer }) {
    const [before, after] = [await balancer.revisions.revision(from), await balancer.revisions.revision(to)];
    return { changes: balancer.diff(before.config, after.config) };
  },
  async rollback({ params: { number } }, { balancer, meta }) {
    const { config } = await balancer.revisions.revision(number);
    return balancer.change(() => config, { ...meta, note: meta.note ?? `rollback to revision ${number}` });
  },
};
