const cell = new Int32Array(new SharedArrayBuffer(4));

/**
 * Holds the calling thread for a few milliseconds. Standard input and output may have been set non-blocking by
 * whoever shares them; a synchronous read or write then reports EAGAIN and there is nothing to wait on but time.
 */
export function pauseBriefly(): void {
  Atomics.wait(cell, 0, 0, 2);
}
