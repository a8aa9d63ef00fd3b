import { parsePrefix } from '@lb/core';
import type { BackendSpec } from './backend-spec.js';

/** A backend for one VIP on eth0, but for the changes. */
export function specOf(changes: Partial<BackendSpec> = {}): BackendSpec {
  return {
    interfaces: [{ name: 'eth0', kind: 'af_packet' }],
    vips: [parsePrefix('90.1.2.1')],
    dscp: [],
    local: undefined,
    from: [],
    tap: 'lb-backend',
    mss: undefined,
    ...changes,
  };
}
