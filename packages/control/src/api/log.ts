/** What the API logs to: the values that belong to a message, and the message. */
export type ApiLog = Record<'info' | 'warn' | 'error', (values: object, message: string) => void>;
