import type { Handlers } from './call.js';
import type { TokenStore } from './token-store.js';

export function tokenHandlers(
  tokens: TokenStore,
): Handlers<'listTokens' | 'createToken' | 'rotateToken' | 'revokeToken'> {
  return {
    listTokens: () => ({ tokens: tokens.list() }),
    createToken: ({ body }) => tokens.create(body.name, body.role),
    rotateToken: ({ params }) => tokens.rotate(params.name),
    revokeToken({ params }) {
      tokens.revoke(params.name);
      return {};
    },
  };
}
