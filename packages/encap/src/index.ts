export { type FrameViews, frameViews } from './frame-views.js';
