export { type AsColor, assignColors, rgbOf } from './as-colors.js';
export { cssColor, GROUND, NO_SERVER, type Rgb, type Theme } from './palette.js';
export { Swatch } from './swatch.js';
export { useTheme } from './use-theme.js';
export { useColorsOf } from './vip-colors.js';
