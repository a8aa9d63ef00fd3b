import { type Config, ConfigError, errorText, formatYamlConfig, parseYamlConfig } from '@lb/control';
import { type Actions, type Bridge, commandLines } from '../stores/index.js';
import { configLines } from './command-rows.js';

export type FileKind = 'yaml' | 'grammar';

/** Stages what is in a file: a whole configuration, or command lines. Says what came of it. */
export async function importFile(bridge: Bridge, actions: Actions, kind: FileKind): Promise<void> {
  const file = await bridge.call('files.open', { kind });
  if (file === null || !('text' in file)) return;
  try {
    const problems =
      kind === 'grammar'
        ? actions.stageLines(commandLines(file.text))
        : actions.stage({
            kind: 'replace',
            title: `configuration of ${file.name}`,
            config: parseYamlConfig(file.text, file.name).config,
          });
    if (problems.length > 0) throw new ConfigError([problems[0]!, ...problems.slice(1)]);
    actions.say(`${file.name} staged`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    actions.say(`${file.name} was not staged: ${errorText(error)}`);
  }
}

/** Saves the staged configuration, which is that of the daemon when nothing is staged. */
export async function exportFile(bridge: Bridge, actions: Actions, kind: FileKind, config: Config): Promise<void> {
  const [name, text] = kind === 'yaml' ? ['lb.yaml', formatYamlConfig(config)] : ['lb.txt', configLines(config)];
  if (await bridge.call('files.save', { name, text })) actions.say('Saved');
}
