import { execFileSync } from 'node:child_process';
import { describe } from 'vitest';

/** A suite that makes network namespaces. Where that cannot be, its tests are skipped, with the reason in the name. */
export function describeAsRoot(title: string, body: () => void): void {
  const reason = whyNot();
  if (reason === undefined) describe(title, body);
  else describe.skip(`${title} (skipped: ${reason})`, body);
}

function whyNot(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'not root on Linux';
  try {
    execFileSync('ip', ['-V'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'no ip here, it comes with the package iproute2';
  }
}

const PREFIX = 'lb-net-test-';

/**
 * Two network namespaces, `here` and `peer`, with links between them: `east` 10.1.0.0/24 and fd01::/64, `west` 10.2.0.0/24
 * and fd02::/64. Here is .1 and ::1, the peer .2 and ::2. Ethernet addresses are 02:00:00:00:00:0N here, …:01:0N there.
 */
export class TestNetwork {
  readonly here = `${PREFIX}${process.pid}-here`;
  readonly peer = `${PREFIX}${process.pid}-peer`;

  constructor() {
    removeLeftovers();
    for (const name of [this.here, this.peer]) execFileSync('ip', ['netns', 'add', name]);
    ['east', 'west'].forEach((link, i) => {
      const n = i + 1;
      const peer = `peer name ${link} address 02:00:00:00:01:0${n} netns ${this.peer}`;
      this.ip(`link add ${link} address 02:00:00:00:00:0${n} type veth ${peer}`);
      this.ip(`address add 10.${n}.0.1/24 dev ${link}`);
      this.ip(`address add fd0${n}::1/64 dev ${link} nodad`);
      this.peerIp(`address add 10.${n}.0.2/24 dev ${link}`);
      this.peerIp(`address add fd0${n}::2/64 dev ${link} nodad`);
      for (const name of [this.here, this.peer]) {
        const ip6 = `net.ipv6.conf.${link}`;
        // Without duplicate address detection IPv6 is ready at once, not a second later.
        this.sysctl(name, `${ip6}.keep_addr_on_down=1`, `${ip6}.accept_dad=0`, `${ip6}.dad_transmits=0`);
        this.sysctl(name, `net.ipv6.neigh.${link}.retrans_time_ms=100`);
      }
      // The peer tells of a new Ethernet address of its own accord, as most systems do.
      this.sysctl(this.peer, `net.ipv4.conf.${link}.arp_notify=1`, `net.ipv6.conf.${link}.ndisc_notify=1`);
      this.ip(`link set ${link} up`);
      this.peerIp(`link set ${link} up`);
    });
    // IPv6 takes a moment to be ready on a new link.
    for (const address of ['fd01::2', 'fd02::2']) this.ping(address);
    this.forgetNeighbours();
  }

  /** Runs an `ip` command here; the words must have no spaces. */
  ip(command: string): void {
    execFileSync('ip', ['-n', this.here, ...command.split(' ')], { stdio: 'pipe' });
  }

  peerIp(command: string): void {
    execFileSync('ip', ['-n', this.peer, ...command.split(' ')], { stdio: 'pipe' });
  }

  /** Runs many `ip` commands here, in one process. */
  ipBatch(commands: readonly string[]): void {
    execFileSync('ip', ['-n', this.here, '-batch', '-'], { input: commands.join('\n'), stdio: 'pipe' });
  }

  sysctl(namespace: string, ...settings: readonly string[]): void {
    execFileSync('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', ...settings], { stdio: 'pipe' });
  }

  /** Sends packets from here until one is answered. */
  ping(address: string): void {
    const words = ['ping', '-q', '-c1', '-w5', '-i0.2', address];
    execFileSync('ip', ['netns', 'exec', this.here, ...words], { stdio: 'pipe' });
  }

  forgetNeighbours(): void {
    for (const family of ['-4', '-6']) this.ip(`${family} neigh flush all`);
  }

  close(): void {
    for (const name of [this.here, this.peer]) execFileSync('ip', ['netns', 'del', name]);
  }
}

/** Namespaces of runs that were killed. */
function removeLeftovers(): void {
  const names = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' }).match(/^\S+/gm) ?? [];
  for (const name of names.filter((entry) => entry.startsWith(PREFIX))) {
    if (!isRunning(Number(name.slice(PREFIX.length).split('-')[0]))) execFileSync('ip', ['netns', 'del', name]);
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
