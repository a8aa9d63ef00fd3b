import { expect, it } from 'vitest';
import { type KeyStore, Secrets } from './secrets.js';

function keyStore(backend?: string): KeyStore {
  return {
    isEncryptionAvailable: () => true,
    encryptString: (text) => Buffer.from([...text].reverse().join('')),
    decryptString: (bytes) => [...bytes.toString()].reverse().join(''),
    ...(backend !== undefined && { getSelectedStorageBackend: () => backend }),
  };
}

it.each([
  ['linux', 'gnome_libsecret'],
  ['linux', 'kwallet6'],
  ['darwin', undefined],
  ['win32', undefined],
] as const)('keeps tokens in the key store of %s (%s)', (platform, backend) => {
  const secrets = new Secrets(keyStore(backend), platform);
  const sealed = secrets.seal('lbt_x');
  expect(sealed).not.toBe('lbt_x');
  expect(secrets.open(sealed)).toBe('lbt_x');
});

it.each(['basic_text', 'unknown', undefined])('keeps no token where the key store is %s', (backend) => {
  const secrets = new Secrets(keyStore(backend), 'linux');
  expect(secrets.kept).toBe(false);
  expect(secrets.seal('lbt_x')).toBeUndefined();
  expect(secrets.open('eF90Ymw=')).toBeUndefined();
});

it('does without a token that cannot be decrypted', () => {
  const store: KeyStore = {
    ...keyStore('kwallet6'),
    decryptString: () => {
      throw new Error('another key');
    },
  };
  expect(new Secrets(store, 'linux').open('eA==')).toBeUndefined();
});
