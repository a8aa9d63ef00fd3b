import type { Config } from '../schema.js';
import { parseConfig } from '../validate.js';
import { vipRefOf } from '../vip-ref.js';
import type { Call, Handlers } from './call.js';
import { readPatch } from './config-handlers.js';
import { encodeBuckets } from './contract/buckets.js';
import { encodeFlowBuckets } from './contract/flow-buckets.js';
import type { Changed } from './contract/revisions.js';
import { findAs, findVip } from './find-vip.js';
import { mergePatch } from './merge-patch.js';

type VipRoutes = 'listVips' | 'getVip' | 'addVip' | 'patchVip' | 'deleteVip' | 'flushVip' | 'buckets' | 'flowBuckets';
type AsRoutes = 'addAs' | 'patchAs' | 'deleteAs' | 'flushAs';

const NAME_IS_FIXED = 'it names the VIP; remove it and add another';

export const vipHandlers: Handlers<VipRoutes> = {
  listVips(_, { balancer }) {
    return balancer.counters().vips;
  },
  getVip({ params }, { balancer }) {
    return findVip(balancer.revisions.current.config, params.vip).vip;
  },
  addVip({ body }, call) {
    return changeVips(call, (config) => [...config.vips, body]);
  },
  patchVip({ params, body }, call) {
    readPatch(body, ['ass'], 'ASs are changed at /v1/vips/…/ass');
    const patch = readPatch(body, ['prefix', 'protocol', 'port'], NAME_IS_FIXED);
    return changeVips(call, (config) => {
      const { vip, index } = findVip(config, params.vip);
      return config.vips.with(index, mergePatch(vip, patch) as typeof vip);
    });
  },
  deleteVip({ params }, call) {
    return changeVips(call, (config) => {
      const { index } = findVip(config, params.vip);
      return config.vips.filter((_, i) => i !== index);
    });
  },
  async flushVip({ params }, { balancer, meta }) {
    const { vip } = findVip(balancer.revisions.current.config, params.vip);
    await balancer.flush(vipRefOf(vip), undefined, meta);
    return {};
  },
  buckets({ params }, { balancer, reply }) {
    const { vip } = findVip(balancer.revisions.current.config, params.vip);
    reply.type('application/octet-stream');
    return bufferOf(encodeBuckets(balancer.buckets(vipRefOf(vip))));
  },
  async flowBuckets({ params }, { balancer, reply }) {
    const { vip } = findVip(balancer.revisions.current.config, params.vip);
    const flows = await balancer.flowBuckets(vipRefOf(vip));
    reply.type('application/octet-stream');
    return bufferOf(encodeFlowBuckets(flows));
  },
};

export const asHandlers: Handlers<AsRoutes> = {
  addAs({ params, body }, call) {
    return changeAss(call, params.vip, (ass) => [...ass, body]);
  },
  patchAs({ params, body }, call) {
    const patch = readPatch(body, ['address'], 'it names the AS; remove it and add another');
    return changeVips(call, (config) => {
      const found = findVip(config, params.vip);
      const { as, index } = findAs(found, params.address);
      const ass = found.vip.ass.with(index, mergePatch(as, patch) as typeof as);
      return config.vips.with(found.index, { ...found.vip, ass });
    });
  },
  async deleteAs({ params, query }, call) {
    const { balancer, meta } = call;
    if (query.flush === 'true') return deleteAndFlush(call, params.vip, params.address);
    return balancer.change((config) => {
      const { vip, index } = findVip(config, params.vip);
      const { as } = findAs({ vip, index }, params.address);
      const ass = vip.ass.filter((other) => other !== as);
      return { ...config, vips: config.vips.with(index, { ...vip, ass }) };
    }, meta);
  },
  async flushAs({ params }, { balancer, meta }) {
    const found = findVip(balancer.revisions.current.config, params.vip);
    const { as } = findAs(found, params.address);
    await balancer.flush(vipRefOf(found.vip), as.address, meta);
    return {};
  },
};

/** One change with others of the same moment: only a command line removes an AS and its flows at once. */
async function deleteAndFlush({ balancer, meta }: Call, vipId: string, address: string): Promise<Changed> {
  const found = findVip(balancer.revisions.current.config, vipId);
  const { as } = findAs(found, address);
  const { prefix, protocol, port } = vipRefOf(found.vip);
  const words = [prefix, ...(protocol ? ['protocol', protocol] : []), ...(port ? ['port', port] : [])];
  const { warnings } = await balancer.exec([`lb as ${words.join(' ')} ${as.address} del flush`], meta);
  const { number, time, author, note, hash } = balancer.revisions.current;
  return { revision: { number, time, author, note, hash }, warnings };
}

function changeAss(call: Call, vipId: string, change: (ass: Config['vips'][number]['ass']) => unknown[]) {
  return changeVips(call, (config) => {
    const { vip, index } = findVip(config, vipId);
    return config.vips.with(index, { ...vip, ass: change(vip.ass) as typeof vip.ass });
  });
}

/** Changes the list of VIPs to one that the model accepts; its problems name places in the whole document. */
function changeVips({ balancer, meta }: Call, change: (config: Config) => unknown[]): Promise<Changed> {
  return balancer.change((config) => parseConfig({ ...config, vips: change(config) }).config, meta);
}

/** The same bytes as Fastify sends them. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
