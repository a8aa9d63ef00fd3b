export { HealthView } from './health-view.js';
