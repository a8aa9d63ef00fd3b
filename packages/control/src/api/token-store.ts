import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { type NewToken, type Role, roleSchema, type TokenView } from './contract/tokens.js';
import { apiError } from './errors.js';

const storedSchema = z.object({
  version: z.literal(1),
  tokens: z.array(
    z.object({ name: z.string(), role: roleSchema, createdAt: z.string(), hash: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});
type Stored = z.output<typeof storedSchema>['tokens'][number];

/** Who a token stands for. */
export interface TokenHolder {
  readonly name: string;
  readonly role: Role;
}

const TOKEN_BYTES = 32;
const FORM = /^lbt_[A-Za-z0-9_-]{43}$/;

/**
 * The tokens of the API: random 256 bits each, of which only the SHA-256 is kept. (A slow hash is for what people
 * choose; these cannot be guessed.) 'gone' tells the name of a token that was revoked or replaced.
 */
export class TokenStore extends EventEmitter<{ gone: [string] }> {
  private constructor(
    private tokens: readonly Stored[],
    private readonly file: string | undefined,
  ) {
    super();
  }

  /**
   * @param file JSON, mode 0600; it need not exist. Without one, tokens end with the process.
   * @throws LbError LB_API_TOKEN_FILE
   */
  static open(file?: string): TokenStore {
    return new TokenStore(file === undefined ? [] : readTokens(file), file);
  }

  get size(): number {
    return this.tokens.length;
  }

  list(): TokenView[] {
    return this.tokens.map(({ name, role, createdAt }) => ({ name, role, createdAt }));
  }

  /** Who holds this token. Takes as long for a token that is nearly right as for one that is not. */
  verify(token: string): TokenHolder | undefined {
    if (!FORM.test(token)) return undefined;
    const hash = sha256(token);
    let found: Stored | undefined;
    for (const stored of this.tokens) {
      if (timingSafeEqual(hash, Buffer.from(stored.hash, 'hex'))) found = stored;
    }
    return found && { name: found.name, role: found.role };
  }

  /** @throws LbError LB_API_TOKEN_EXISTS, LB_API_TOKEN_FILE; nothing has changed then */
  create(name: string, role: Role): NewToken {
    if (this.find(name) !== undefined) {
      throw apiError('LB_API_TOKEN_EXISTS', `there is a token '${name}' already`, 'rotate it, or revoke it first');
    }
    return this.issue(this.tokens, name, role);
  }

  /** A new token in the place of the old one, which is void from then on. @throws LbError LB_API_NOT_FOUND, LB_API_TOKEN_FILE */
  rotate(name: string): NewToken {
    const { role } = this.existing(name);
    const made = this.issue(this.without(name), name, role);
    this.emit('gone', name);
    return made;
  }

  /** @throws LbError LB_API_NOT_FOUND, LB_API_TOKEN_FILE */
  revoke(name: string): void {
    this.existing(name);
    this.save(this.without(name));
    this.emit('gone', name);
  }

  private issue(others: readonly Stored[], name: string, role: Role): NewToken {
    const token = `lbt_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
    const createdAt = new Date().toISOString();
    this.save([...others, { name, role, createdAt, hash: sha256(token).toString('hex') }]);
    return { name, role, createdAt, token };
  }

  private find(name: string): Stored | undefined {
    return this.tokens.find((token) => token.name === name);
  }

  private existing(name: string): Stored {
    const found = this.find(name);
    if (found === undefined) throw apiError('LB_API_NOT_FOUND', `there is no token '${name}'`);
    return found;
  }

  private without(name: string): readonly Stored[] {
    return this.tokens.filter((token) => token.name !== name);
  }

  private save(tokens: readonly Stored[]): void {
    if (this.file !== undefined) writeTokens(this.file, tokens);
    this.tokens = tokens;
  }
}

function sha256(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function readTokens(file: string): readonly Stored[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
    chmodSync(file, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw apiError('LB_API_TOKEN_FILE', `cannot read ${file}: ${(error as Error).message}`);
  }
  try {
    return storedSchema.parse(JSON.parse(text)).tokens;
  } catch {
    const hint = 'restore it, or remove it and create the tokens again';
    throw apiError('LB_API_TOKEN_FILE', `${file} is not a file of tokens of this version`, hint);
  }
}

/** Complete or not at all, also when the machine stops in the middle. */
function writeTokens(file: string, tokens: readonly Stored[]): void {
  const temporary = `${file}.new`;
  try {
    const fd = openSync(temporary, 'w', 0o600);
    try {
      writeSync(fd, `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, file);
    syncFolder(dirname(file));
  } catch (error) {
    throw apiError('LB_API_TOKEN_FILE', `cannot write ${file}: ${(error as Error).message}`);
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
