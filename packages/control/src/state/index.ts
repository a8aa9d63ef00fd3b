export { type Change, type ChangeMeta, DesiredState, type DesiredStateEvents } from './desired-state.js';
export { STATE_ERRORS, StateError, type StateErrorCode, type StateFinding } from './errors.js';
export {
  canonicalConfig,
  type Retention,
  type Revision,
  type RevisionMeta,
  type RevisionQuery,
} from './revision.js';
export { StateStore } from './state-store.js';
export { type ConfigFileWatch, type WatchHandlers, type WatchOptions, watchConfigFile } from './watch-config-file.js';
