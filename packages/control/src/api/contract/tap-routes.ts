import type { Route } from './route.js';
import { captureBody, traceBody, traceSchema } from './taps.js';

/** Trailer of a capture with the number of packets that were left out of it. */
export const MISSED_TRAILER = 'x-lb-missed';

export const tapRoutes = {
  trace: {
    method: 'POST',
    path: '/v1/trace',
    tag: 'live',
    role: 'admin',
    summary: 'What becomes of the next packets, stage by stage',
    body: traceBody,
    response: traceSchema,
  },
  capture: {
    method: 'POST',
    path: '/v1/capture',
    tag: 'live',
    role: 'admin',
    summary: 'Packets as received and as sent, as they come (pcapng)',
    body: captureBody,
    response: 'application/octet-stream',
  },
} as const satisfies Record<string, Route>;
