import * as z from 'zod';

/** What the app remembers of its looks. The main process keeps the bounds of the window by itself. */
export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'dark', 'light']),
  /** The view that was open last; null at the first start. */
  view: z.string().max(200).nullable(),
  /** Sizes of panels in pixels, by name. */
  panels: z.record(z.string().max(100), z.number().min(0).max(10_000)),
});

export type Settings = z.output<typeof settingsSchema>;

export const defaultSettings: Settings = { theme: 'system', view: null, panels: {} };
