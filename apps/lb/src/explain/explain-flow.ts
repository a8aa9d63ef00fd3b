import type { Config } from '@lb/control';
import { formatAddress } from '@lb/core';
import type { ExplainedFlow, Explanation } from './explanation.js';
import { writeFirstPacket, writeLaterPacket } from './first-packet.js';
import type { Flow } from './flow.js';
import { type ExplainOptions, runStages } from './run-stages.js';

/** Sends the first packet of a flow through the stages of a fresh engine and tells what each of them found. */
export function explainFlow(config: Config, flow: Flow, options: ExplainOptions = {}): Explanation {
  const write = options.established === undefined ? writeFirstPacket : writeLaterPacket;
  const found = runStages(
    config,
    { flow, destination: flow.destination },
    (frames, at) => write(frames, at, flow),
    options,
  );
  return { flow: flowOf(flow), ...found };
}

function flowOf({ source, sourcePort, destination, destinationPort, protocol }: Flow): ExplainedFlow {
  const ports = protocol !== 'icmp';
  return {
    source: formatAddress(source),
    sourcePort: ports ? sourcePort : null,
    destination: formatAddress(destination),
    destinationPort: ports ? destinationPort : null,
    protocol,
  };
}
