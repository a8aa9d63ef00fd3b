import { nativeLibrary } from '@lb/dataplane';

/** `auto`: native where the library is there. */
export const STAGES_OPTIONS = ['auto', 'native', 'typescript'] as const;
export type StagesOption = (typeof STAGES_OPTIONS)[number];

/** Whose stages workers run, and what to say about it. */
export interface Stages {
  readonly native: boolean;
  readonly text: string;
}

/**
 * Native stages do the same as those in TypeScript, which take what is not usual in either case, in a third of the time.
 * @throws LbError LB_NATIVE_LIBRARY if native ones are asked for and there are none
 */
export function chooseStages(option: StagesOption, library: () => { readonly path: string } = nativeLibrary): Stages {
  if (option === 'typescript') return { native: false, text: 'stages: TypeScript, as asked for' };
  try {
    return { native: true, text: `stages: native, of ${library().path}` };
  } catch (error) {
    if (option === 'native') throw error;
    return { native: false, text: 'stages: TypeScript, as the native library is not there' };
  }
}
