import { expect } from 'vitest';
import type { DesktopApp } from './electron-app.js';
import type { Locator, Page } from './electron-driver.js';
import { until } from './until.js';

/** What a daemon is to the page. */
export interface ShownDaemon {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly error: string | null;
  readonly retryAt: number | null;
}

/** Uses the app as a person does: by what is written on it. */
export class DesktopUser {
  readonly page: Page;

  constructor(readonly app: DesktopApp) {
    this.page = app.page;
  }

  async show(view: string): Promise<void> {
    await this.page
      .getByRole('navigation')
      .getByRole('button', { name: new RegExp(`^${view}`) })
      .click();
  }

  /** Adds a daemon in the dialog, and returns when it is connected. @param texts by the labels of their fields */
  async connect(way: string, texts: Readonly<Record<string, string>>): Promise<ShownDaemon> {
    await this.fillDaemon(way, texts);
    await this.page.getByRole('button', { name: 'Add', exact: true }).click();
    await this.page.getByRole('dialog').waitFor({ state: 'detached' });
    return this.reaches(texts.Name!, 'connected');
  }

  /** Opens the dialog for a new daemon and fills it in. */
  async fillDaemon(way: string, texts: Readonly<Record<string, string>>): Promise<Locator> {
    await this.page.getByRole('button', { name: 'Add a daemon…' }).click();
    const dialog = this.page.getByRole('dialog', { name: 'Add a daemon' });
    await dialog
      .getByRole('tab', { name: way, exact: true })
      .or(dialog.getByRole('radio', { name: way }))
      .click();
    for (const [label, text] of Object.entries(texts)) await dialog.getByLabel(label, { exact: true }).fill(text);
    return dialog;
  }

  daemons(): Promise<ShownDaemon[]> {
    return this.page.evaluate("window.lb.call('daemons.list', {})") as Promise<ShownDaemon[]>;
  }

  /** Waits until the connection to a daemon is in a state. */
  reaches(name: string, state: string, deadlineMs = 60_000): Promise<ShownDaemon> {
    const probe = async () => {
      const daemon = (await this.daemons()).find((one) => one.name === name);
      if (daemon?.state !== state) throw new Error(`${daemon?.state}: ${daemon?.error}`);
      return daemon;
    };
    return until(`${name} is ${state}`, probe, deadlineMs);
  }

  /** An operation of a daemon, asked through the bridge that the page has. */
  async ask<T>(daemon: string, operation: string, call: object = {}): Promise<T> {
    const input = JSON.stringify({ daemon, operation, call });
    const answer = (await this.page.evaluate(`window.lb.call('api.call', ${input})`)) as { ok: boolean; value: T };
    expect(answer).toMatchObject({ ok: true });
    return answer.value;
  }

  /** Types command lines into the palette and stages them. */
  async stage(...lines: string[]): Promise<void> {
    await this.page.keyboard.press('Control+k');
    await this.page.getByRole('combobox', { name: /command lines/ }).fill(lines.join('\n'));
    await this.page.keyboard.press('Enter');
    await this.page.getByRole('dialog').waitFor({ state: 'detached' });
  }

  /** Applies what is staged; the revision that came of it. */
  async apply(): Promise<number> {
    const button = this.page.getByRole('button', { name: /^Apply as revision \d+$/ });
    const revision = Number(/\d+$/.exec((await button.textContent()) ?? '')![0]);
    await button.click();
    await this.page.getByText(`Applied as revision ${revision}`).waitFor();
    return revision;
  }

  /** The panel with the staged change. */
  get staged(): Locator {
    return this.page.getByRole('complementary', { name: 'Staged change' });
  }
}
