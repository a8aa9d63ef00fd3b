import { FuseV1Options, FuseVersion, flipFuses, getCurrentFuseWire } from '@electron/fuses';

/** Switches in Electron's executable, and how a packaged app has them. docs/desktop.md has the reasons. */
export const FUSES = {
  RunAsNode: false,
  EnableCookieEncryption: false,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: false,
  OnlyLoadAppFromAsar: true,
  LoadBrowserProcessSpecificV8Snapshot: false,
  GrantFileProtocolExtraPrivileges: false,
};

/**
 * Fuses that the library does not know yet, by their places; they are left as Electron has them.
 * WasmTrapHandlers: on, as in Node.js. No WebAssembly code runs in the app, its memory alone is used.
 * @type {Record<string, string>}
 */
const LEFT = { 8: 'WasmTrapHandlers' };

/**
 * Sets them, and fails if the executable has one more than are decided on here.
 * @param {string} executable
 */
export async function setFuses(executable) {
  const { version: _, ...there } = await getCurrentFuseWire(executable);
  const undecided = Object.keys(there).filter(
    (place) => !(`${FuseV1Options[Number(place)]}` in FUSES || place in LEFT),
  );
  if (undecided.length > 0) throw new Error(`this Electron has fuses that are not decided on: ${undecided.join(', ')}`);
  /** @type {Record<string, boolean>} */
  const states = {};
  for (const [name, on] of Object.entries(FUSES)) {
    const place = FuseV1Options[/** @type {keyof typeof FUSES} */ (name)];
    // Older ones have fewer.
    if (place in there) states[place] = on;
  }
  await flipFuses(executable, { version: FuseVersion.V1, ...states });
}
