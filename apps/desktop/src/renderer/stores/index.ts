export { type Actions, createActions } from './actions.js';
export { applyEdits, type FailedEdit, type Flush, type Outcome } from './apply-edits.js';
export { type ApplyResult, applyStaged, blockedBy } from './apply-staged.js';
export { type ApiError, type ApiResult, type Bridge, callApi } from './bridge.js';
export {
  asLine,
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
  useOffer,
  usePreview,
  useStaged,
  useView,
  useWanted,
} from './hooks.js';
export { linkStores } from './link.js';
export type { LiveState } from './live.js';
export { type Command, Offers } from './offers.js';
export { liveOf, type PreviewState, previewPlan } from './preview.js';
export { type RatePair, ratePair, ratePerSec, type TimedSample } from './rates.js';
export type { Base, Conflict, StagedState } from './staged.js';
export { createStores, type Stores } from './stores.js';
export { isViewName, type Theme, VIEWS, type ViewName, type ViewState, type Wanted } from './view.js';
export { vipOnScreen } from './vip-on-screen.js';
export { vipsById } from './vips-by-id.js';
