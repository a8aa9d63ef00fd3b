/** The two names under which preload and main process talk to each other; everything else is in the contract. */
export const CALL = 'lb:call';
export const UPDATE = 'lb:update';

/** What comes back for a call: errors travel as values, since Electron keeps only their text. */
export type Reply = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };
