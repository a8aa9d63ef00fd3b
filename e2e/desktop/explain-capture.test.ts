import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { seriousProblems } from '../support/accessibility.js';
import { describeDesktop } from '../support/electron-needs.js';
import { capturesDir, configsDir } from '../support/paths.js';
import { runLb } from '../support/run.js';
import { until } from '../support/until.js';

const capture = 'http-ip4.pcap';

await describeDesktop('desktop app, a capture', (desktop) => {
  beforeAll(async () => {
    await desktop.startApp();
    await desktop.user.show('Explain');
    await desktop.page.getByRole('heading', { name: 'Explain a packet' }).waitFor();
  });

  /** Lets a file fall on the view, as from a file manager. */
  const drop = async (name: string, bytes: Uint8Array) => {
    const data = Buffer.from(bytes).toString('base64');
    await desktop.page.evaluate(`{
      const bytes = Uint8Array.from(atob('${data}'), (letter) => letter.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], '${name}'));
      const view = document.querySelector('main h1');
      for (const type of ['dragover', 'drop']) view.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      null;
    }`);
  };
  /** Has the app's own daemon carry out the lines of a configuration of the captures. */
  const configure = async (name: string, before: readonly string[]) => {
    const lines = [...before, ...readFileSync(join(configsDir, `${name}.lb`), 'utf8').split('\n')];
    await desktop.user.ask('embedded', 'exec', { body: { lines } });
  };
  /** The bytes of a frame as they are shown, and the offsets of those that are marked as what. */
  const shown = async (title: string) => {
    const bytes = (await desktop.page.evaluate(
      `[...document.querySelectorAll('[aria-label="Bytes ${title}"] span[title]')].map((byte) => [byte.textContent.trim(), byte.querySelector('mark')?.className ?? ''])`,
    )) as [string, string][];
    const marked = (as: string) => bytes.flatMap(([, mark], at) => (mark === as ? [at] : []));
    return { hex: bytes.map(([hex]) => hex).join(''), other: marked('byte-other'), only: marked('byte-only') };
  };
  const row = (number: number) =>
    desktop.page
      .getByRole('grid', { name: 'Packets of the capture' })
      .getByRole('row')
      .filter({ has: desktop.page.getByRole('gridcell', { name: String(number), exact: true }).first() })
      .first();

  it('that is no good says why', async () => {
    await drop('notes.txt', new TextEncoder().encode('nothing like a capture'));
    await desktop.page.getByText('neither pcap nor pcapng').waitFor();
    const bytes = readFileSync(join(capturesDir, capture));
    await drop('cut.pcap', bytes.subarray(0, bytes.length - 1));
    await desktop.page.getByText(/cut[.]pcap: record 80 .* the file ends after/).waitFor();
    await desktop.page.getByText('79 packets').waitFor();
  });

  it.each([
    ['ip4-gre4', []],
    ['ip4-gre6', ['lb vip 90.0.0.0/8 del']],
    ['ip4-nat4', []],
  ])('through %s: a packet changes as replay changes it', async (config, first) => {
    const { page } = desktop;
    const input = join(capturesDir, capture);
    const output = join(desktop.folder, `${config}.pcap`);
    const replay = await runLb('replay', input, output, '--exec', join(configsDir, `${config}.lb`), '--json');
    expect(replay.status).toBe(0);
    await configure(config, first);
    const received = framesOf(input);
    const sent = framesOf(output);
    await drop(capture, readFileSync(input));
    await page.getByRole('heading', { name: `Packets of ${capture}` }).waitFor();

    // Number 4 is the first that is for the VIP: a SYN.
    await row(4).click();
    await page.getByText(`packet 4 of ${capture}`).waitFor();
    const before = received[3]!;
    const after = sent[0]!;
    const asSent = await until('the packet is explained', async () => {
      const now = await shown('as sent');
      return now.hex === after.toString('hex') && now;
    });
    const asReceived = await shown('as received');
    expect(asReceived.hex).toBe(before.toString('hex'));
    const all = [...after.keys()];
    const longer = after.length - before.length;
    if (longer === 0) {
      const differ = all.filter((at) => after[at] !== before[at]);
      expect(differ.length).toBeGreaterThan(3);
      expect([asSent.other, asSent.only]).toEqual([differ, []]);
      expect([asReceived.other, asReceived.only]).toEqual([differ, []]);
    } else {
      // What was put between Ethernet and the packet; the EtherType tells of IPv6 outside, too.
      const link = [...before.subarray(0, 14).keys()].filter((at) => after[at] !== before[at]);
      expect(asSent.only).toEqual(all.slice(14, 14 + longer));
      expect([asSent.other, asReceived.other, asReceived.only]).toEqual([link, link, []]);
      expect(after.subarray(14 + longer).equals(before.subarray(14))).toBe(true);
    }
    await page.getByRole('heading', { name: /^As sent/ }).evaluate((heading) => heading.scrollIntoView());
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await desktop.app.screenshot(`explain-${config}-${colorScheme}`);
      expect(await seriousProblems(page)).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'dark' });
  });

  it('is gone through with the arrow keys', async () => {
    await row(4).click();
    await desktop.page.keyboard.press('ArrowDown');
    await desktop.page.getByText(`packet 5 of ${capture}`).waitFor();
    expect(desktop.app.problems).toEqual([]);
  });
});

/** The frames of a classic pcap file of this machine's byte order: 24 bytes, then 16 before each frame. */
function framesOf(path: string): Buffer[] {
  const bytes = readFileSync(path);
  const frames: Buffer[] = [];
  for (let at = 24; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    frames.push(bytes.subarray(at + 16, at + 16 + length));
    at += 16 + length;
  }
  return frames;
}
