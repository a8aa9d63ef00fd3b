import { createConfigStore } from './config.js';
import { createConnectionStore } from './connection.js';
import { createLiveStore } from './live.js';
import { Offers } from './offers.js';
import { createPreviewStore } from './preview.js';
import { createStagedStore } from './staged.js';
import { createViewStore } from './view.js';

/** The state of the window, without React; what fills it is in link.ts. */
export interface Stores {
  readonly connection: ReturnType<typeof createConnectionStore>;
  readonly live: ReturnType<typeof createLiveStore>;
  readonly config: ReturnType<typeof createConfigStore>;
  readonly staged: ReturnType<typeof createStagedStore>;
  readonly preview: ReturnType<typeof createPreviewStore>;
  readonly view: ReturnType<typeof createViewStore>;
  readonly offers: Offers;
}

export function createStores(clock: () => number = Date.now): Stores {
  return {
    connection: createConnectionStore(),
    live: createLiveStore(),
    config: createConfigStore(),
    staged: createStagedStore(clock),
    preview: createPreviewStore(),
    view: createViewStore(),
    offers: new Offers(),
  };
}
