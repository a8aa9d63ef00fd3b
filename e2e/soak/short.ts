/** The short form of churn, a part of `npm test`: the same operations each time, among them one of every kind. */
export const shortChurn = { seed: 72_282, operations: 30, connections: 8 } as const;

/** The short form of publications: so many through each kind of queue. */
export const shortPublications = 500;
