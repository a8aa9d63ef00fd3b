import { createStore } from 'zustand/vanilla';

/** The flow that is to be explained; other views ask for it before they show the view. */
export const asked = createStore<{ readonly flow: string }>()(() => ({ flow: '' }));

export function ask(flow: string): void {
  asked.setState({ flow: flow.trim() });
}
