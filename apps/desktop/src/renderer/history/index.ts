export { HistoryView } from './history-view.js';
