/** When a daemon is tried again. @param retryAt ms, as `now` */
export function retryText(retryAt: number, now: number): string {
  const seconds = Math.ceil((retryAt - now) / 1000);
  return seconds <= 0 ? 'trying now' : `next try in ${seconds} s`;
}
