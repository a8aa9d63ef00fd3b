import { join } from 'node:path';
import { BrowserWindow, type Session, screen } from 'electron';
import { ORIGIN, START_PAGE } from './content.js';
import type { JsonFile } from './json-file.js';
import { type boundsSchema, MIN_HEIGHT, MIN_WIDTH, placeWindow } from './window-bounds.js';

/**
 * Opens the window of the app. What it shows has no Node.js, and cannot go anywhere else.
 * @param build folder of the build
 */
export function openWindow(build: string, memory: JsonFile<typeof boundsSchema>): BrowserWindow {
  const saved = memory.read();
  const screens = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(({ workArea }) => workArea);
  const window = new BrowserWindow({
    ...placeWindow(saved, screens as [Electron.Rectangle, ...Electron.Rectangle[]]),
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    show: false,
    backgroundColor: '#0e1116',
    title: 'lb',
    // Where there is no desktop entry to tell it.
    icon: join(build, 'renderer', 'icon.png'),
    webPreferences: {
      preload: join(build, 'preload', 'preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  });
  if (saved?.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => memory.write({ ...window.getNormalBounds(), maximized: window.isMaximized() }));
  confine(window);
  void window.loadURL(START_PAGE);
  return window;
}

/** Neither the page nor what is dropped on it leads anywhere. */
function confine({ webContents }: BrowserWindow): void {
  const stay = (event: Electron.Event): void => event.preventDefault();
  // The page may load itself anew.
  webContents.on('will-navigate', (event, url) => url === START_PAGE || stay(event));
  webContents.on('will-redirect', stay);
  webContents.on('will-attach-webview', stay);
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** No page gets a camera, a place, notifications, …; only the clipboard can be written, which copying of rows needs. */
export function denyPermissions(session: Session): void {
  const allowed = (permission: string): boolean => permission === 'clipboard-sanitized-write';
  session.setPermissionRequestHandler((_, permission, decide) => decide(allowed(permission)));
  session.setPermissionCheckHandler((_, permission) => allowed(permission));
  session.setDevicePermissionHandler(() => false);
}

/** Whether a call comes from the page of the app itself: not from a frame in it, nor from another page in its place. */
export function isOwnPage(window: BrowserWindow | undefined, event: Electron.IpcMainInvokeEvent): boolean {
  const { senderFrame } = event;
  if (!window || window.isDestroyed() || !senderFrame || event.sender !== window.webContents) return false;
  return senderFrame === window.webContents.mainFrame && senderFrame.url.startsWith(`${ORIGIN}/`);
}
