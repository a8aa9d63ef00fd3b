/** A whole number above 0 from the environment, or the one that holds without it. */
export function fromEnvironment(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${name} must be a whole number above 0, got '${text}'`);
  return Number(text);
}
