import { existsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { app, type BrowserWindow, ipcMain, Menu, protocol, safeStorage, session } from 'electron';
import type { Update } from '../shared/contract.js';
import { UPDATE } from '../shared/wire.js';
import { SCHEME, serveContent } from './content.js';
import { DaemonBook } from './daemon-book.js';
import { onNode } from './daemon-process.js';
import { inUtilityProcess } from './daemon-utility.js';
import { Daemons } from './daemons.js';
import { EmbeddedDaemon } from './embedded.js';
import { embeddedSocketPath } from './embedded-socket.js';
import { ErrorLog } from './error-log.js';
import { createHandlers } from './handlers.js';
import { serveCalls } from './ipc.js';
import { JsonFile } from './json-file.js';
import { Secrets } from './secrets.js';
import { SettingsStore } from './settings.js';
import { watchApp, watchWindow } from './watch-app.js';
import { denyPermissions, isOwnPage, openWindow } from './window.js';
import { boundsSchema } from './window-bounds.js';

/** Files of the build: this one is build/main/main.cjs. */
const build = join(__dirname, '..');

protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true } }]);
const log = new ErrorLog(join(app.getPath('logs'), 'errors.log'));
watchApp(log);
if (process.argv.includes('--version')) {
  // Before there is need of a display.
  writeSync(1, `lb-desktop ${app.getVersion()}\n`);
  app.exit();
} else if (app.requestSingleInstanceLock()) void app.whenReady().then(run);
else app.quit();

function run(): void {
  let window: BrowserWindow | undefined;
  const emit = (update: Update): void => {
    if (window !== undefined && !window.isDestroyed()) window.webContents.send(UPDATE, update);
  };
  const own = (name: string): string => join(app.getPath('userData'), name);
  const secrets = new Secrets(safeStorage);
  const daemons = new Daemons(new DaemonBook(own('daemons.json'), secrets), secrets, emit);
  const embedded = startEmbedded(daemons, own('embedded'));
  daemons.connectKnown();

  protocol.handle(SCHEME, ({ url }) => serveContent(join(build, 'renderer'), url));
  denyPermissions(session.defaultSession);
  const settings = new SettingsStore(own('settings.json'));
  const handlers = createHandlers(daemons, settings, log, () => window!);
  serveCalls(ipcMain, handlers, (event: Electron.IpcMainInvokeEvent) => isOwnPage(window, event));

  // Its shortcuts would take keys from the app; on macOS it has the editing commands.
  if (process.platform !== 'darwin') Menu.setApplicationMenu(null);
  window = openWindow(build, new JsonFile(own('window.json'), boundsSchema));
  watchWindow(window, log);
  app.on('second-instance', () => {
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('window-all-closed', () => app.quit());
  endWith(async () => {
    await Promise.all([daemons.close(), embedded?.stop()]);
  });
}

/** The headless program lies beside the app, in the repository and in packages alike. */
function startEmbedded(daemons: Daemons, folder: string): EmbeddedDaemon | undefined {
  const program = join(app.getAppPath(), '..', 'lb', 'bin', 'lb.mjs');
  // A Node.js to run it on is a matter of development; a packaged app runs what came with it.
  const node = app.getAppPath().endsWith('.asar') ? undefined : process.env.LB_DESKTOP_NODE;
  const socketPath = embeddedSocketPath(folder);
  const connection = daemons.addEmbedded(socketPath);
  if (!existsSync(program)) {
    connection.pause(`the headless program is not installed: there is no ${program}`);
    return undefined;
  }
  const embedded = new EmbeddedDaemon({
    launch: node ? onNode(node, program) : inUtilityProcess(join(build, 'daemon', 'daemon.cjs'), program),
    socketPath,
    stateDir: join(folder, 'state'),
    onReady: () => connection.start(),
    onLost: (reason) => connection.pause(reason),
  });
  embedded.start();
  return embedded;
}

/** Lets the app end only when `finish` has. */
function endWith(finish: () => Promise<void>): void {
  let finishing = false;
  app.on('will-quit', (event) => {
    if (finishing) return;
    finishing = true;
    event.preventDefault();
    void finish().finally(() => app.quit());
  });
}
