/** The part of Electron's safeStorage that is used here. */
export interface KeyStore {
  isEncryptionAvailable(): boolean;
  encryptString(text: string): Buffer;
  decryptString(bytes: Buffer): string;
  /** On Linux only. */
  getSelectedStorageBackend?(): string;
}

/** Tokens in a form that may lie on disk: encrypted with a key of the operating system's key store, or not at all. */
export class Secrets {
  constructor(
    private readonly store: KeyStore,
    private readonly platform: NodeJS.Platform = process.platform,
  ) {}

  /** Whether there is a key store. Electron's stand-in on Linux encrypts with a password that everybody knows. */
  get kept(): boolean {
    if (!this.store.isEncryptionAvailable()) return false;
    if (this.platform !== 'linux') return true;
    const backend = this.store.getSelectedStorageBackend?.();
    return backend !== undefined && backend !== 'basic_text' && backend !== 'unknown';
  }

  /** Base64 of the encrypted text; undefined where there is no key store. */
  seal(text: string): string | undefined {
    return this.kept ? this.store.encryptString(text).toString('base64') : undefined;
  }

  /** The text again; undefined if it was not kept, or by another user or key store. */
  open(sealed: string | undefined): string | undefined {
    if (sealed === undefined || !this.kept) return undefined;
    try {
      return this.store.decryptString(Buffer.from(sealed, 'base64'));
    } catch {
      return undefined;
    }
  }
}
