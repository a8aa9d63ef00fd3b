/** The types of system-packages.mjs, for the TypeScript of e2e. */
export interface SystemPackage {
  readonly name: string;
  readonly newName?: string;
  readonly probe: string;
  readonly neededBy: string;
}
export const systemPackages: readonly SystemPackage[];
export function findProgram(program: string, env?: NodeJS.ProcessEnv): string | undefined;
export function missingPackages(table?: readonly SystemPackage[]): SystemPackage[];
