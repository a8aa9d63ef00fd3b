export { WhatIfFigures } from './what-if-figures.js';
