import { userInfo } from 'node:os';

/** The person that changes are noted under. A name that daemons do not take is left out. */
export function authorName(): string | undefined {
  try {
    const { username } = userInfo();
    return /^[\w.:@+-]{1,64}$/.test(username) ? username : undefined;
  } catch {
    // A user without an entry in the system's list.
    return undefined;
  }
}
