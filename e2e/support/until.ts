/** A guard against hanging, not a measurement: a busy machine is slow. Less than a test's own time limit. */
const GUARD_MS = 40_000;

/** How often a condition is looked at: short against every deadline, long against one look. */
const pollMs = 25;

/**
 * Waits until `probe` gives something other than undefined or false, and returns it. What it throws counts as "not yet" and is named
 * when the deadline passes.
 * @param what the condition in words, for the message
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = GUARD_MS,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  let problem: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
      problem = undefined;
    } catch (error) {
      problem = error;
    }
    if (performance.now() >= deadline) {
      throw new Error(`waited ${deadlineMs} ms in vain until ${what}`, problem === undefined ? {} : { cause: problem });
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** The promise's value, or an error that names what did not come in time. */
export async function within<T>(what: string, promise: Promise<T>, deadlineMs = GUARD_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${deadlineMs} ms in vain for ${what}`)), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
