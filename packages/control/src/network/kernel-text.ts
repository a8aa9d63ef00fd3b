import { type Address, LbError, type Prefix, parseAddress, parsePrefix } from '@lb/core';

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** Every reading of a table brings the same texts again: with ten thousand neighbours it pays to remember them. */
const REMEMBERED = 50_000;

/** The 6 bytes of an Ethernet address; undefined for anything else and for all zeros, which some devices say for none. */
export const macOf = remembering((text): Uint8Array | undefined => {
  if (!MAC.test(text)) return undefined;
  const bytes = Uint8Array.from(text.split(':'), (byte) => Number.parseInt(byte, 16));
  return bytes.some((byte) => byte !== 0) ? bytes : undefined;
});

/** An address, or undefined for a text that is none. */
export const addressOf = remembering((text) => orNone(() => parseAddress(text)));

/** The address of an interface, which comes with its prefix length. */
export function ownAddressOf(text: string): Address | undefined {
  return addressOf(text.slice(0, text.indexOf('/')));
}

/** A prefix, or undefined for a text that is none. */
export function prefixOf(text: string): Prefix | undefined {
  return orNone(() => parsePrefix(text));
}

function remembering<T>(parse: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text) => {
    let entry = known.get(text);
    if (entry === undefined) {
      if (known.size >= REMEMBERED) known.clear();
      entry = { value: parse(text) };
      known.set(text, entry);
    }
    return entry.value;
  };
}

function orNone<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof LbError) return undefined;
    throw error;
  }
}
