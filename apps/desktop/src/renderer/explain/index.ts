export { ask } from './asked.js';
export { ExplainView } from './explain-view.js';
