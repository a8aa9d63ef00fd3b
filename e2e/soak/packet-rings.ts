import { copyFileSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Namespace } from '../support/namespace.js';
import { repositoryRoot } from '../support/paths.js';
import type { Running } from '../support/running.js';

/** Where packets are recorded. */
export interface RecordedLink {
  readonly ns: Namespace;
  readonly device: string;
}

/** Of each link so many files are kept, of so many million bytes. */
const FILES = 6;
const FILE_MB = 10;
/** Headers, with those of an encapsulation. */
const SNAP_BYTES = 160;

/** The latest packets of some links: recorded all the time, kept when somebody asks for them. */
export class PacketRings {
  readonly #folder: string;
  #dumps: Running[] = [];

  /** @param parent for its files, which whoever made the parent removes */
  constructor(
    private readonly links: readonly RecordedLink[],
    parent: string,
  ) {
    this.#folder = mkdtempSync(join(parent, 'rings-'));
  }

  async start(): Promise<void> {
    this.#dumps = await Promise.all(
      this.links.map(async ({ ns, device }) => {
        const path = join(this.#folder, `${ns.title}-${device}.pcap`);
        const ring = ['-C', `${FILE_MB}`, '-W', `${FILES}`, '-w', path];
        const dump = ns.start(
          'tcpdump',
          '-n',
          '-Z',
          'root',
          '-i',
          device,
          '-s',
          `${SNAP_BYTES}`,
          '-B',
          '16384',
          ...ring,
        );
        await dump.says(/listening on/);
        return dump;
      }),
    );
  }

  /**
   * Copies what has been recorded so far to build/test/soak, and begins anew.
   * @returns the folder
   */
  async keep(title: string): Promise<string> {
    await this.stop();
    const folder = join(repositoryRoot, 'build', 'test', 'soak');
    mkdirSync(folder, { recursive: true });
    const kept = mkdtempSync(join(folder, `${title}-`));
    for (const name of readdirSync(this.#folder)) copyFileSync(join(this.#folder, name), join(kept, basename(name)));
    await this.start();
    return kept;
  }

  /** Ends recording; what was recorded is whole then. */
  async stop(): Promise<void> {
    await Promise.all(this.#dumps.splice(0).map((dump) => dump.stop('SIGTERM')));
  }
}
