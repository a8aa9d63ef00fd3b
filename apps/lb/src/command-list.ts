import type { AddCommands } from './add-commands.js';

interface CommandFile {
  readonly names: readonly string[];
  /** Not in the help. */
  readonly hidden?: readonly string[];
  readonly load: () => Promise<AddCommands>;
}

/**
 * Which file has which commands, in the order of the help. A file is loaded when one of its commands is used: the engine
 * and the API server take longer to load than most commands take to run.
 */
const FILES: readonly CommandFile[] = [
  { names: ['serve'], load: async () => (await import('./commands/serve.js')).addServe },
  { names: ['replay'], load: async () => (await import('./commands/replay.js')).addReplay },
  { names: ['table'], load: async () => (await import('./commands/table.js')).addTable },
  { names: ['explain'], load: async () => (await import('./commands/explain.js')).addExplain },
  { names: ['bench'], load: async () => (await import('./commands/bench.js')).addBench },
  { names: ['backend'], load: async () => (await import('./commands/backend.js')).addBackend },
  {
    names: ['conf', 'vip', 'as', 'set', 'flush', 'show', 'exec'],
    hidden: ['debug'],
    load: async () => (await import('./commands/control-commands.js')).addControlCommands,
  },
  {
    names: ['plan', 'apply', 'rollback'],
    load: async () => (await import('./commands/change-commands.js')).addChangeCommands,
  },
  {
    names: ['history', 'diff'],
    load: async () => (await import('./commands/history-commands.js')).addHistoryCommands,
  },
  {
    names: ['drain', 'enable', 'disable', 'weight'],
    load: async () => (await import('./commands/as-commands.js')).addAsCommands,
  },
  { names: ['top'], load: async () => (await import('./commands/top.js')).addTop },
  { names: ['flows'], load: async () => (await import('./commands/flows.js')).addFlows },
  { names: ['health'], load: async () => (await import('./commands/health.js')).addHealth },
  { names: ['events'], load: async () => (await import('./commands/events.js')).addEvents },
  { names: ['trace'], load: async () => (await import('./commands/trace.js')).addTrace },
  { names: ['capture'], load: async () => (await import('./commands/capture.js')).addCapture },
  { names: ['token'], load: async () => (await import('./commands/token.js')).addToken },
  {
    names: ['completion'],
    load: async () => (await import('./commands/completion.js')).completionOf(() => loadCommands(undefined)),
  },
];

/** Names of the commands in the help, in its order. */
export const COMMAND_NAMES: readonly string[] = FILES.flatMap(({ names }) => names);

/** Whether there is a command of this name, in the help or not. */
export function isCommand(name: string | undefined): boolean {
  return FILES.some((file) => has(file, name));
}

/** Loads the file of one command, or all files where the name is not that of a command. */
export function loadCommands(name: string | undefined): Promise<AddCommands[]> {
  const file = FILES.find((each) => has(each, name));
  return Promise.all((file === undefined ? FILES : [file]).map(({ load }) => load()));
}

function has({ names, hidden = [] }: CommandFile, name: string | undefined): boolean {
  return name !== undefined && (names.includes(name) || hidden.includes(name));
}
