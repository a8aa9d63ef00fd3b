import { afterAll, beforeAll, expect, it } from 'vitest';
import { CommandApi } from '../client/api.testkit.js';
import { momentText } from '../text.js';

let api: CommandApi;
beforeAll(async () => {
  api = await CommandApi.open();
});
afterAll(() => api.close());

it('shows what each check found', async () => {
  const [titles, line] = (await api.output('health')).split('\n');
  expect(titles).toMatch(/^VIP +AS +CHECK +HEALTH +SINCE +LAST RESULT$/);
  const since = momentText('2026-11-22T10:00:30.000Z');
  expect(line).toBe(`91.1.2.1/32 tcp port 80  10.0.0.3  tcp    healthy  ${since}  connected, 1.5 ms`);
});

it('or those that fail', async () => {
  expect(await api.output('health', '--failing')).toBe('no AS fails\n');
  const { balancer } = api.test;
  const { health } = balancer;
  balancer.health = () => health.call(balancer).map((check) => ({ ...check, health: 'failing', flapping: true }));
  expect(await api.output('health', '--failing')).toContain('failing, flapping');
  balancer.health = health;
});

it('as JSON', async () => {
  expect(await api.json('health')).toMatchObject([{ address: '10.0.0.3', type: 'tcp', health: 'healthy', checks: 10 }]);
});

it('says when nothing is checked', async () => {
  await api.run('vip', '91.1.2.1/32', 'protocol', 'tcp', 'port', '80', 'del');
  expect(await api.output('health')).toBe('no VIP has a health check\n');
});
