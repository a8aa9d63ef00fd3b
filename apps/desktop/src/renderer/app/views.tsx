import type { ComponentType } from 'react';
import { BucketsView } from '../buckets/index.js';
import { ExplainView } from '../explain/index.js';
import { FlowsView } from '../flows/index.js';
import { HealthView } from '../health/index.js';
import { HistoryView } from '../history/index.js';
import { OverviewView } from '../overview/index.js';
import { StagedView } from '../staged/staged-view.js';
import type { ViewName } from '../stores/index.js';
import { VipsView } from '../vips/vips-view.js';

export interface ViewEntry {
  readonly view: ViewName;
  readonly title: string;
  readonly component: ComponentType;
}

/** The views as the navigation shows them. */
export const VIEW_GROUPS: readonly { readonly title: string; readonly views: readonly ViewEntry[] }[] = [
  {
    title: 'Operate',
    views: [
      { view: 'overview', title: 'Overview', component: OverviewView },
      { view: 'vips', title: 'VIPs', component: VipsView },
      { view: 'buckets', title: 'Buckets', component: BucketsView },
      { view: 'flows', title: 'Flows', component: FlowsView },
      { view: 'health', title: 'Health', component: HealthView },
    ],
  },
  { title: 'Understand', views: [{ view: 'explain', title: 'Explain a packet', component: ExplainView }] },
  {
    title: 'Change',
    views: [
      { view: 'staged', title: 'Staged', component: StagedView },
      { view: 'history', title: 'History', component: HistoryView },
    ],
  },
];

export const VIEW_ENTRIES: readonly ViewEntry[] = VIEW_GROUPS.flatMap(({ views }) => views);
