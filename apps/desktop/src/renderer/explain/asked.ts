import { createStore } from 'zustand/vanilla';

/** What is to be explained: the next packet of a flow, or a given one. */
export type Question =
  | { readonly kind: 'flow'; readonly flow: string }
  | { readonly kind: 'packet'; readonly hex: string; readonly name: string };

/** Kept outside of the view: other views ask before they show it, and it is there when one comes back. */
export const asked = createStore<{ readonly question: Question | null }>()(() => ({ question: null }));

/** Has a flow explained; '' for none. */
export function ask(flow: string): void {
  const text = flow.trim();
  asked.setState({ question: text === '' ? null : { kind: 'flow', flow: text } });
}

/** Has a packet explained. @param hex Ethernet frame, @param name how the view calls it */
export function askPacket(hex: string, name: string): void {
  asked.setState({ question: { kind: 'packet', hex, name } });
}
