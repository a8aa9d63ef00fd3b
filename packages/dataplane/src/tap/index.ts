/**
 * What becomes of packets while workers run: captured as they came and as they went, with verdict and reason.
 *
 * - tap-layout.ts     shared words of a worker and who reads it: the filter, and a ring of records
 * - tap-writer.ts     the worker's end; tap.ts: the supervisor's
 * - tap-filter.ts     which packets are wanted; tap-record.ts: what is known of each
 * - trace-text.ts     a record for people; capture-records.ts: records in a capture file
 */
export { captureRecord, TAP_INTERFACES, type TapSide } from './capture-records.js';
export { Tap, TapSource } from './tap.js';
export type { TapFilter, VerdictName } from './tap-filter.js';
export type { TapFrame, TapRecord } from './tap-record.js';
export { type TapNames, traceLine, traceText } from './trace-text.js';
