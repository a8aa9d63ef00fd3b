import { type Command, useApp } from '../stores/index.js';
import { exportFile, type FileKind, type ImportMode, importFile } from './files.js';

/** Import and export of the whole configuration: from and to files that the user chooses. */
export function useFileCommands(): { readonly imports: readonly Command[]; readonly exports: readonly Command[] } {
  const { bridge, actions, stores } = useApp();
  const failed = (reason: unknown) => actions.complain(reason instanceof Error ? reason.message : String(reason));
  const load = (kind: FileKind, mode: ImportMode) => () => void importFile(bridge, actions, kind, mode).catch(failed);
  const save = (kind: FileKind) => () => {
    const config = stores.staged.getState().result;
    if (config === null) actions.complain('The configuration is not known yet.');
    else exportFile(bridge, actions, kind, config).catch(failed);
  };
  return {
    imports: [
      { text: 'Import YAML…', title: 'Takes the place of the whole configuration', run: load('yaml', 'replace') },
      { text: 'Import command lines, replacing all…', run: load('grammar', 'replace') },
      {
        text: 'Import command lines…',
        title: 'They are applied to the staged configuration',
        run: load('grammar', 'apply'),
      },
    ],
    exports: [
      { text: 'Export YAML…', run: save('yaml') },
      { text: 'Export command lines…', run: save('grammar') },
    ],
  };
}
