import { nativeLibrary } from './library.js';

/**
 * Keeps all threads that this process has, and those they will make, off the CPUs of its workers, which are bound to them
 * later. A burst waits for whatever else runs on its CPU: up to a tick of the scheduler, 4 ms, for a collection of garbage.
 * @returns whether CPUs are left to them; if not, nothing has changed
 * @throws LbError LB_NATIVE_*
 */
export function keepOffCpus(cpus: readonly number[], library = nativeLibrary()): boolean {
  return library.check(library.calls.keepOff(Uint32Array.from(cpus), cpus.length)) > 0;
}
