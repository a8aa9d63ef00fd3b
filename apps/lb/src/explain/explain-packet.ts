import type { Config } from '@lb/control';
import { formatAddress } from '@lb/core';
import type { PacketExplanation } from './explanation.js';
import type { Flow } from './flow.js';
import { balancedFlow, explainedFlow, packetFlow } from './packet-flow.js';
import { type ExplainOptions, runStages } from './run-stages.js';

/** What is known of a balancer that runs; the AS of an established flow is asked for once the packet's flow is known. */
export interface ExplainPacketOptions extends Omit<ExplainOptions, 'established'> {
  readonly established?: (flow: Flow) => string | undefined;
}

/**
 * Sends a given packet through the stages of a fresh engine and tells what each of them found. The engine knows nothing of
 * packets that came before but the established flow: a later fragment waits for its first, and an answer of a NAT server
 * finds no session.
 * @param frame Ethernet frame without frame check sequence, at most 65,557 bytes
 */
export function explainPacket(
  config: Config,
  frame: Uint8Array,
  { established, ...options }: ExplainPacketOptions = {},
): PacketExplanation {
  const packet = packetFlow(frame);
  const flow = packet && balancedFlow(packet);
  const as = flow === null ? undefined : established?.(flow);
  const found = runStages(
    config,
    { flow, destination: packet?.destination ?? null },
    (frames, at) => {
      frames.u8.set(frame, at);
      return frame.length;
    },
    { ...options, ...(as !== undefined && { established: as }) },
  );
  return { flow: packet && explainedFlow(packet, formatAddress), ...found };
}
