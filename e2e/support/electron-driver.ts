import playwright, {
  type Browser,
  type ElectronApplication,
  type Locator,
  type Page,
} from '../../apps/desktop/node_modules/playwright-core/index.js';

/** Drives the desktop app. It is installed for that app, since nothing else needs it. */
export const electron = playwright._electron;
export const chromium = playwright.chromium;
export type { Browser, ElectronApplication, Locator, Page };
