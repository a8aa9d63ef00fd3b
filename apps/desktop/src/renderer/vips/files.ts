import {
  applyCommands,
  type Config,
  ConfigError,
  emptyConfig,
  errorText,
  formatYamlConfig,
  parseCommands,
  parseYamlConfig,
} from '@lb/control';
import { type Actions, type Bridge, commandLines } from '../stores/index.js';
import { configLines } from './command-rows.js';

export type FileKind = 'yaml' | 'grammar';
/** What an import does to what is there: takes its place, or is applied to it. Lines can do both. */
export type ImportMode = 'replace' | 'apply';

/** Stages what is in a file: a whole configuration, or command lines. Says what came of it. */
export async function importFile(bridge: Bridge, actions: Actions, kind: FileKind, mode: ImportMode): Promise<void> {
  const file = await bridge.call('files.open', { kind });
  if (file === null || !('text' in file)) return;
  try {
    const problems =
      mode === 'apply'
        ? actions.stageLines(commandLines(file.text))
        : actions.stage({
            kind: 'replace',
            title: `configuration of ${file.name}`,
            config: kind === 'yaml' ? parseYamlConfig(file.text, file.name).config : configOfLines(file.text),
          });
    if (problems.length > 0) throw new ConfigError([problems[0]!, ...problems.slice(1)]);
    actions.say(`${file.name} staged`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    actions.complain(`${file.name} was not staged: ${errorText(error)}`);
  }
}

/** Saves the staged configuration, which is that of the daemon when nothing is staged. */
export async function exportFile(bridge: Bridge, actions: Actions, kind: FileKind, config: Config): Promise<void> {
  const [name, text] = kind === 'yaml' ? ['lb.yaml', formatYamlConfig(config)] : ['lb.txt', configLines(config)];
  if (!(await bridge.call('files.save', { name, text }))) return;
  if (kind === 'yaml' || isWhole(text, config)) actions.say('Saved');
  else actions.complain('Saved, but not all settings have a command, as ramps and listeners: YAML holds them all.');
}

/** @throws ConfigError */
function configOfLines(text: string): Config {
  return applyCommands(emptyConfig(), parseCommands(text)).config;
}

/** Whether command lines make the configuration that they were made of. */
export function isWhole(text: string, config: Config): boolean {
  return formatYamlConfig(configOfLines(text)) === formatYamlConfig(config);
}
