export { type Actions, createActions } from './actions.js';
export { applyEdits, type FailedEdit, type Flush, type Outcome } from './apply-edits.js';
export { type ApplyResult, applyStaged, blockedBy } from './apply-staged.js';
export { type ApiError, type ApiResult, type Bridge, callApi } from './bridge.js';
export {
  commandLines,
  flushVipLine,
  isCommandText,
  removeAssLine,
  removeVipLine,
  stateLine,
  vipWords,
  weightLine,
} from './command-text.js';
export type { ConfigState } from './config.js';
export { type ConnectionState, selectedDaemon } from './connection.js';
export { type Edit, editLines, type VipSettingsChange } from './edit.js';
export { type Freshness, freshness } from './freshness.js';
export {
  type AppContext,
  AppProvider,
  useApp,
  useConfig,
  useConnection,
  useLive,
  useNow,
  usePreview,
  useStaged,
  useView,
} from './hooks.js';
export { linkStores } from './link.js';
export type { LiveState } from './live.js';
export { liveOf, type PreviewState, previewPlan } from './preview.js';
export { type RatePair, ratePair, ratePerSec, type TimedSample } from './rates.js';
export type { Base, Conflict, StagedState } from './staged.js';
export { createStores, type Stores } from './stores.js';
export { isViewName, type Theme, VIEWS, type ViewName, type ViewState } from './view.js';
export { vipsById } from './vips-by-id.js';
