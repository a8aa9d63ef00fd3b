export { OverviewView } from './overview-view.js';
