/**
 * Health checks without a balancer, ones through the encapsulation included.
 *
 *     node health-monitor.mjs '{"vips": …}'
 *
 * Prints `ready`, then each transition as a line of JSON. Ends upon SIGTERM, and takes back what it set up.
 */
import { EncapPath, HealthMonitor, socketCheckers } from '../../../packages/control/dist/health/index.js';
import { parseConfig } from '../../../packages/control/dist/index.js';
import { EchoSockets, EncapTap } from '../../../packages/dataplane/dist/index.js';

const { config } = parseConfig(JSON.parse(process.argv[2] ?? '{}'));
const tap = new EncapTap('lb-health');
const echo = new EchoSockets();
const encap = new EncapPath({ device: tap });
await encap.open();
const monitor = new HealthMonitor({ checkers: socketCheckers({ echo, encap }) });
monitor.on('transition', (event) => console.log(JSON.stringify(event)));
monitor.on('local', (event) => console.log(JSON.stringify(event)));
monitor.setTargets(config);
monitor.start();
console.log('ready');
process.on('SIGTERM', async () => {
  monitor.stop();
  await encap.close();
  tap.close();
  echo.close();
});
