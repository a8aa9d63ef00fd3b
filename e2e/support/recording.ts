import { join } from 'node:path';
import type { Namespace } from './namespace.js';
import { run } from './run.js';
import type { Running } from './running.js';
import { decode, type Frame } from './tshark.js';
import { until } from './until.js';

let recordings = 0;

/** What passes an interface, recorded while it happens. */
export class Recording {
  private constructor(
    private readonly tcpdump: Running,
    private readonly path: string,
  ) {}

  /** @param filter in tcpdump's language */
  static async start(ns: Namespace, device: string, filter = ''): Promise<Recording> {
    const path = join(ns.folder, `recording-${recordings++}.pcap`);
    const options = ['-n', '-i', device, '-s', '0', '-U', '--immediate-mode', '-Z', 'root', '-w', path];
    const tcpdump = ns.start('tcpdump', ...options, ...filter.split(' ').filter(Boolean));
    await tcpdump.says(/listening on/);
    return new Recording(tcpdump, path);
  }

  /**
   * Fields of the frames that a display filter of tshark takes, once there are `atLeast` of them. Each frame is a list of the fields'
   * values.
   */
  async fields(filter: string, names: readonly string[], atLeast = 1): Promise<string[][]> {
    return until(`the recording holds ${atLeast} of ${filter}`, async () => {
      // The last frame may be half written: what is whole counts.
      const { stdout } = await run('tshark', [
        ...['-n', '-r', this.path, '-Y', filter, '-T', 'fields'],
        ...names.flatMap((name) => ['-e', name]),
      ]);
      const frames = stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]));
      return frames.length >= atLeast && frames;
    });
  }

  /** The different messages that say a packet was too big for its path: who says so, and what fits. */
  async tooBig(family: 4 | 6): Promise<{ from: string; mtu: number }[]> {
    const [filter, names] =
      family === 4
        ? ['icmp.type == 3 && icmp.code == 4', ['ip.src', 'icmp.mtu']]
        : ['icmpv6.type == 2', ['ipv6.src', 'icmpv6.mtu']];
    const messages = await this.fields(filter, names);
    // The quoted packet has addresses as well: the first are the message's own.
    const lines = messages.map(([from, mtu]) => `${from!.split(',')[0]} ${mtu}`);
    return [...new Set(lines)].map((line) => ({ from: line.split(' ')[0]!, mtu: Number(line.split(' ')[1]) }));
  }

  /** Every frame, with its checksums verified. Waits until the recording holds a frame that `last` takes, then ends it. */
  async frames(last: string): Promise<Frame[]> {
    await this.fields(last, ['frame.number']);
    await this.stop();
    return decode(this.path);
  }

  async stop(): Promise<void> {
    await this.tcpdump.stop('SIGINT');
  }
}
