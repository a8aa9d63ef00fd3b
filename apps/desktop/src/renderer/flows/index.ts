export { FlowsView } from './flows-view.js';
