import { applyCommands } from '../apply.js';
import { parseCommands } from '../grammar/parse.js';
import type { Config } from '../schema.js';
import { parseConfig } from '../validate.js';
import type { Handlers } from './call.js';
import { apiError, RequestError } from './errors.js';
import { entityTag } from './if-match.js';
import { isMapping, mergePatch } from './merge-patch.js';

export const configHandlers: Handlers<'getConfig' | 'putConfig' | 'patchConfig' | 'plan' | 'exec'> = {
  getConfig(_, { balancer, reply }) {
    const { number, config } = balancer.revisions.current;
    reply.header('etag', entityTag(number));
    return config;
  },
  putConfig({ body }, { balancer, meta }) {
    const { config } = parseConfig(body);
    return balancer.change(() => config, meta);
  },
  patchConfig({ body }, { balancer, meta }) {
    const patch = readPatch(body, ['vips'], 'VIPs are changed at /v1/vips');
    return balancer.change((current) => parseConfig(mergePatch(current, patch)).config, meta);
  },
  async plan({ body }, { balancer, caller }) {
    const { current } = balancer.revisions;
    const ofRevision = async (n: number) => (await balancer.revisions.revision(n)).config;
    const config = await proposed(body, current.config, ofRevision);
    if (caller.role !== 'admin') boundPlan(current.config, config);
    return balancer.plan(config);
  },
  exec({ body: { lines } }, { balancer, caller, meta }) {
    if (caller.role !== 'admin' && parseCommands(lines.join('\n')).some(({ kind }) => kind !== 'show')) {
      throw apiError('LB_API_ROLE', `the token '${caller.author}' may send show lines only`);
    }
    return balancer.exec(lines, meta);
  },
};

/** Buckets of the VIPs that differ, in a plan that a reader asks for: about a second of work. */
const READER_BUCKETS = 2 ** 24;

/** Building tables is work that everything else waits for: who cannot apply a plan gets no huge one. */
function boundPlan(current: Config, proposed: Config): void {
  const known = new Set(current.vips.map((vip) => JSON.stringify(vip)));
  const fresh = proposed.vips.filter((vip) => !known.has(JSON.stringify(vip)));
  const buckets = fresh.reduce((sum, { newLen }) => sum + newLen, 0);
  if (buckets <= READER_BUCKETS) return;
  const message = `a token that may read only can plan ${READER_BUCKETS} buckets, and these VIPs have ${buckets}`;
  throw apiError('LB_API_PLAN_SIZE', message, 'use a token with the role admin');
}

/** A patch: a mapping that leaves some keys alone. @throws RequestError */
export function readPatch(body: unknown, fixed: readonly string[], why: string): Record<string, unknown> {
  if (!isMapping(body)) throw bodyError('body', 'must be a mapping of the keys to change');
  const found = fixed.find((key) => Object.hasOwn(body, key));
  if (found !== undefined) throw bodyError(`body.${found}`, `cannot be patched: ${why}`);
  return body;
}

/** The configuration that a plan is asked for. */
async function proposed(
  body: unknown,
  current: Config,
  ofRevision: (number: number) => Promise<Config>,
): Promise<Config> {
  const { config, lines, revision, ...others } = isMapping(body) ? body : {};
  const given = [config, lines, revision].filter((value) => value !== undefined);
  if (given.length !== 1 || Object.keys(others).length > 0) {
    throw bodyError('body', 'must have one key: config, lines or revision');
  }
  if (config !== undefined) return parseConfig(config).config;
  if (lines !== undefined) {
    if (!Array.isArray(lines) || !lines.every((line) => typeof line === 'string' && !/[\r\n]/.test(line))) {
      throw bodyError('body.lines', 'must be a list of command lines without line breaks');
    }
    return applyCommands(current, parseCommands(lines.join('\n'))).config;
  }
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision)) {
    throw bodyError('body.revision', 'must be the number of a revision');
  }
  return ofRevision(revision);
}

function bodyError(path: string, says: string): RequestError {
  return new RequestError([{ code: 'LB_API_REQUEST', message: `${path} ${says}`, path }]);
}
