/** Settings of the whole configuration: their form, which stages command lines. */
export { SettingsEditor } from './settings-editor.js';
