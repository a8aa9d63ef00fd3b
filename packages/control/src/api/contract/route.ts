import type * as z from 'zod';
import type { DeepReadonly } from './deep-readonly.js';
import type { Role } from './tokens.js';

/** What an answer that is not JSON consists of. */
export type Media = 'application/octet-stream' | 'text/event-stream' | 'text/plain';

/** One operation of the API. Server, client and OpenAPI description derive from it. */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** With `:name` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** The least that a caller must be allowed. */
  readonly role: Role;
  /** Only on the Unix socket. */
  readonly local?: true;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The body is checked by the model, which names places and gives hints, rather than by its schema. */
  readonly checkedByModel?: true;
  /** Whether a change may, or must, name the revision it is based on. */
  readonly ifMatch?: 'optional' | 'required';
  readonly status?: 201;
  readonly response: z.ZodType | Media;
}

type Input<S> = S extends z.ZodType ? z.input<S> : undefined;
type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What a handler gets. */
export interface RouteInput<R extends Route> {
  readonly params: Output<R['params']>;
  readonly query: Output<R['query']>;
  /** As it came when the model checks it. */
  readonly body: R extends { checkedByModel: true } ? unknown : Output<R['body']>;
}

export type RouteAnswer<R extends Route> = R['response'] extends z.ZodType
  ? DeepReadonly<z.output<R['response']>>
  : unknown;

/** What a caller gives: what the route has, no more. */
export type RouteCall<R extends Route> = (R['params'] extends z.ZodType ? { params: Input<R['params']> } : object) &
  (R['query'] extends z.ZodType ? { query?: Input<R['query']> } : object) &
  (R['body'] extends z.ZodType ? { body: Input<R['body']> } : object) &
  (R['ifMatch'] extends 'required'
    ? { ifMatch: number }
    : R['ifMatch'] extends 'optional'
      ? { ifMatch?: number }
      : object);
