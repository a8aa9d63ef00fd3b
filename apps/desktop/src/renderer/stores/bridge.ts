import type { ApiError, Bridge, InputOf } from '../../shared/contract.js';
import type { AnswerOf, CallOf, Operation } from '../../shared/operations.js';

export type { ApiError, Bridge } from '../../shared/contract.js';

/** An answer of the daemon; `revision` is that of the configuration, where the operation tells it. */
export type ApiResult<T> =
  | { readonly ok: true; readonly value: T; readonly revision?: number }
  | { readonly ok: false; readonly error: ApiError };

/** Carries out an operation of the API by its name. Refusals come as a value. */
export async function callApi<O extends Operation>(
  bridge: Bridge,
  daemon: string,
  operation: O,
  call: CallOf<O>,
): Promise<ApiResult<AnswerOf<O>>> {
  const input = { daemon, operation, call: call as InputOf<'api.call'>['call'] };
  return (await bridge.call('api.call', input)) as ApiResult<AnswerOf<O>>;
}
