import * as z from 'zod';
import { errorAnswerSchema } from './contract/problem.js';
import type { Media, Route } from './contract/route.js';

const MEDIA: Record<Media, string> = {
  'application/octet-stream': 'bytes',
  'text/event-stream': 'server-sent events: `counters`, `event` and `missed`',
  'text/plain': 'text',
};

/** What is asked for in vain is better refused than ignored. */
const NO_QUERY = z.strictObject({});

const ifMatch = z.string().meta({ description: 'the ETag of the revision that the change is based on, or *' });

/** What a route is described by, to Fastify and in the OpenAPI document. */
export function routeSchema(name: string, route: Route): Record<string, unknown> {
  const { summary, tag, params, query, body, status = 200, response, role, local } = route;
  const access = local ? 'On the Unix socket only.' : `For the role ${role}${role === 'read' ? ' and admin' : ''}.`;
  return {
    operationId: name,
    summary,
    description: access,
    tags: [tag],
    ...(params && { params }),
    querystring: query ?? NO_QUERY,
    ...(body && { body }),
    ...(route.ifMatch && { headers: ifMatchHeader(route.ifMatch === 'required') }),
    response: {
      [status]: typeof response === 'string' ? mediaResponse(response) : response,
      default: errorAnswerSchema,
    },
  };
}

function ifMatchHeader(required: boolean): z.ZodObject {
  return z.object({ 'if-match': required ? ifMatch : ifMatch.exactOptional() });
}

function mediaResponse(media: Media) {
  const schema = media === 'application/octet-stream' ? z.string().meta({ format: 'binary' }) : z.string();
  return { description: MEDIA[media], content: { [media]: { schema } } };
}

/** The head of the OpenAPI document. */
export function openapiHead(version: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'lb',
      version,
      description: 'The API of the Maglev load balancer. docs/api.md tells how it is meant.',
    },
    servers: [{ url: '/' }],
    components: {
      securitySchemes: {
        token: { type: 'http' as const, scheme: 'bearer', description: 'lbt_…; none on the Unix socket' },
      },
    },
    security: [{ token: [] }],
  };
}
