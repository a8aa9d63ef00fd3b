import { it, expect } from 'vitest';
import { Topology } from '../support/topology.js';
it('x', async () => {
  const t0 = performance.now();
  const t = await Topology.create();
  console.log('create', performance.now() - t0);
  for (const s of [t.router, t.lb, ...t.servers]) for (const f of [4, 6] as const)
    console.log((await t.client.ns.run('ping', '-c1', '-W1', s.address[f])).stdout.split('\n')[1]);
  console.log(await t.lb.ns.must('ip', 'addr'), await t.router.ns.must('ip', 'route'));
  const t1 = performance.now();
  t.close();
  console.log('close', performance.now() - t1);
});
