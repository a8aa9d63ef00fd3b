import { defaultSettings, type Settings, settingsSchema } from '../shared/settings.js';
import { JsonFile } from './json-file.js';

/** What the app remembers of its looks, from start to start. */
export class SettingsStore {
  private readonly file: JsonFile<typeof settingsSchema>;
  private current: Settings;

  constructor(path: string) {
    this.file = new JsonFile(path, settingsSchema);
    this.current = this.file.read() ?? defaultSettings;
  }

  get(): Settings {
    return this.current;
  }

  /** Changes what is given; sizes of panels that are not named stay. */
  set(changes: Partial<Settings>): Settings {
    const panels = { ...this.current.panels, ...changes.panels };
    this.current = { ...this.current, ...changes, panels };
    this.file.write(this.current);
    return this.current;
  }
}
