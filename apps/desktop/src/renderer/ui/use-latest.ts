import { useCallback, useLayoutEffect, useRef } from 'react';

/** A function that stays the same while what it does is that of the latest rendering. */
export function useLatest<A extends unknown[], R>(run: (...args: A) => R): (...args: A) => R {
  const latest = useRef(run);
  useLayoutEffect(() => {
    latest.current = run;
  });
  return useCallback((...args: A) => latest.current(...args), []);
}
