import * as z from 'zod';
import { done } from './change.js';
import * as parts from './parts.js';
import type { Route } from './route.js';
import { newTokenSchema, tokenViewSchema } from './tokens.js';

export const tokenRoutes = {
  listTokens: {
    method: 'GET',
    path: '/v1/tokens',
    tag: 'tokens',
    role: 'admin',
    local: true,
    summary: 'The tokens, without what they are',
    response: z.object({ tokens: z.array(tokenViewSchema) }),
  },
  createToken: {
    method: 'POST',
    path: '/v1/tokens',
    tag: 'tokens',
    role: 'admin',
    local: true,
    summary: 'Make a token',
    body: parts.newTokenBody,
    status: 201,
    response: newTokenSchema,
  },
  rotateToken: {
    method: 'POST',
    path: '/v1/tokens/:name/rotate',
    tag: 'tokens',
    role: 'admin',
    local: true,
    summary: 'Replace a token; the old one is void at once',
    params: parts.tokenParams,
    response: newTokenSchema,
  },
  revokeToken: {
    method: 'DELETE',
    path: '/v1/tokens/:name',
    tag: 'tokens',
    role: 'admin',
    local: true,
    summary: 'Make a token void',
    params: parts.tokenParams,
    response: done,
  },
} as const satisfies Record<string, Route>;
