import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, expect, it } from 'vitest';
import type { DesktopApp } from '../support/electron-app.js';
import { describeDesktop } from '../support/electron-needs.js';
import { until } from '../support/until.js';

await describeDesktop('desktop app, first start', (desktop) => {
  beforeAll(async () => {
    await desktop.startApp();
  });

  it('shows numbers of its own daemon, without any set-up', async () => {
    const { page } = desktop;
    await desktop.user.show('Overview');
    const received = page.locator('.figure', { hasText: 'Received' });
    const rate = await packetRate(desktop.app);
    // The page and the daemon mean the same number; the generator keeps its rate to a few percent once it is under way.
    await until(
      `the page shows about ${rate} packets per second`,
      async () => {
        const shown = /[1-9][\d.,]* ?[kMG]?\/s/.exec((await received.textContent()) ?? '')?.[0];
        return shown !== undefined && perSecond(shown) > rate / 2 && perSecond(shown) < rate * 2;
      },
      30_000,
    );
    await desktop.app.screenshot('first-start');
    expect(desktop.app.problems).toEqual([]);
  });

  it('gives the page no Node.js, no Electron, and no way out', async () => {
    const { page } = desktop;
    for (const name of ['require', 'process', 'module', 'Buffer', 'global', '__dirname', 'ipcRenderer']) {
      expect(await page.evaluate(`typeof ${name}`), name).toBe('undefined');
    }
    expect(await page.evaluate('Object.keys(window.lb).sort().join()')).toBe('call,on');
    expect(await page.evaluate('location.origin')).toBe('lb-app://app');
    expect(await page.evaluate("fetch('file:///etc/passwd').then(() => 'read', () => 'refused')")).toBe('refused');
    // In a task of its own, since what a debugger evaluates is not held to the policy.
    const run = "try { Function('return 1')(); done('ran'); } catch (error) { done(error.name); }";
    expect(await page.evaluate(`new Promise((done) => setTimeout(() => { ${run} }))`)).toBe('EvalError');
  });

  it('reaches nothing elsewhere, whatever the page tries', async () => {
    const { page } = desktop;
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url!);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect(await page.evaluate(`fetch('http://${address}/fetch').then(() => 'sent', () => 'refused')`)).toBe(
        'refused',
      );
      for (const [tag, source] of [
        ['img', 'src'],
        ['script', 'src'],
        ['iframe', 'src'],
        ['link', 'href'],
      ]) {
        expect(await page.evaluate(elementOutcome(tag!, source!, `http://${address}/${tag}`)), tag).toBe('refused');
      }
      expect(await page.evaluate(`window.open('http://${address}/window') === null`)).toBe(true);
      await page.evaluate(`location.href = 'http://${address}/place'`);
      // Whatever was asked for above has had its time: this request comes later than all of them.
      await fetch(`http://${address}/last`);
      expect(asked).toEqual(['/last']);
      expect(page.url()).toBe('lb-app://app/index.html');
      expect(desktop.app.electron.windows()).toHaveLength(1);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('grants the page nothing that asks for permission, but to write to the clipboard', async () => {
    const outcome = (script: string) =>
      desktop.page.evaluate(`${script}.then((given) => given?.state ?? String(given), (error) => error.name)`);
    expect(await outcome('Notification.requestPermission()')).toBe('denied');
    expect(await outcome('navigator.clipboard.readText()')).toBe('NotAllowedError');
    for (const name of ['geolocation', 'midi', 'camera', 'microphone', 'notifications', 'clipboard-read']) {
      expect(await outcome(`navigator.permissions.query({ name: '${name}' })`), name).toBe('denied');
    }
    expect(await outcome("navigator.permissions.query({ name: 'clipboard-write' })")).toBe('granted');
  });

  it('answers no frame and no other window, not even one with the same page', async () => {
    const inFrame = `(() => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      const given = [typeof frame.contentWindow.lb, typeof frame.contentWindow.require];
      frame.remove();
      return given.join();
    })()`;
    expect(await desktop.page.evaluate(inFrame)).toBe('undefined,undefined');
    const answer = await desktop.app.electron.evaluate(async ({ BrowserWindow, app: main }) => {
      const preload = `${main.getAppPath()}/build/preload/preload.cjs`;
      const other = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
      await other.loadURL('lb-app://app/gone.html');
      const ask = "window.lb.call('daemons.list', {}).then(() => 'answered', (error) => error.message)";
      const said = (await other.webContents.executeJavaScript(ask)) as string;
      other.destroy();
      return said;
    });
    expect(answer).toContain('only the page of the app may ask');
  });

  it('refuses what the contract does not have', async () => {
    const ask = (channel: string, input: string) =>
      desktop.page.evaluate(`window.lb.call('${channel}', ${input}).then(() => 'done', (error) => error.message)`);
    expect(await ask('files.delete', "{path: '/etc/passwd'}")).toContain("knows no 'files.delete'");
    expect(await ask('files.open', "{kind: 'pcap', path: '/etc/passwd'}")).toMatch(/^files.open: /);
    const token = "{daemon: 'embedded', operation: 'createToken', call: {body: {name: 'x', role: 'admin'}}}";
    expect(await ask('api.call', token)).toMatch(/^api.call: operation: /);
  });
});

/** Has the page load something by an element; a policy reports what it refuses. */
function elementOutcome(tag: string, source: string, address: string): string {
  return `new Promise((done) => {
    const element = document.createElement('${tag}');
    if ('${tag}' === 'link') element.rel = 'stylesheet';
    document.addEventListener('securitypolicyviolation', () => { element.remove(); done('refused'); }, { once: true });
    element.${source} = '${address}';
    document.body.append(element);
  })`;
}

interface Answer {
  readonly value: { readonly at: string; readonly received: number };
}

/** `200 k/s` → 200000. */
function perSecond(text: string): number {
  const [, number, unit] = /^([\d.,]+) ?([kMG]?)\/s$/.exec(text)!;
  return Number(number!.replace(/,/g, '')) * { '': 1, k: 1e3, M: 1e6, G: 1e9 }[unit as '' | 'k' | 'M' | 'G'];
}

/** Packets per second of the app's own daemon between two of its samples, asked for through the bridge that the page has. */
async function packetRate({ page }: DesktopApp): Promise<number> {
  const look = async (): Promise<Answer['value']> => {
    const call = "window.lb.call('api.call', {daemon: 'embedded', operation: 'getCounters', call: {}})";
    return ((await page.evaluate(call)) as Answer).value;
  };
  const first = await until(
    'the daemon has a second of traffic behind it',
    async () => {
      const sample = await look().catch(() => undefined);
      return sample !== undefined && sample.received > 200_000 && sample;
    },
    30_000,
  );
  const second = await until('there is another sample', async () => {
    const sample = await look();
    return Date.parse(sample.at) - Date.parse(first.at) >= 200 && sample;
  });
  const rate = (second.received - first.received) / ((Date.parse(second.at) - Date.parse(first.at)) / 1000);
  expect(rate).toBeGreaterThan(0);
  return rate;
}
