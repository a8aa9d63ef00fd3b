import { type Theme, useView } from '../stores/index.js';

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'system'],
  ['dark', 'dark'],
  ['light', 'light'],
];

/** Dark, light, or what the desktop has. */
export function ThemeChoice() {
  const theme = useView((state) => state.theme);
  const setTheme = useView((state) => state.setTheme);
  return (
    <label className="theme-choice">
      <span className="muted">Theme</span>
      <select className="select" value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
        {THEMES.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
