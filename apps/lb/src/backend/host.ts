import { type Address, parseAddress } from '@lb/core';
import type { BackendSpec } from './backend-spec.js';
import { backendError } from './errors.js';
import { tapLines, tapSettings } from './host-plan.js';
import { ARP_ANNOUNCE, ARP_ANNOUNCE_BEST, interfaceNames, readSetting, writeSetting } from './kernel-settings.js';
import { NFT_TABLE, nftLocal, nftRules, readNote, removal, type SetupNote } from './nft-rules.js';
import { runProgram, tryProgram } from './run-program.js';

/**
 * What the host is told for the backend's sake: the TAP's addresses, rules, one kernel setting. Addresses and routes go
 * with the TAP; the rest is taken back by {@link undo}, or by the next run when this one was killed.
 */
export class Host {
  private note: SetupNote | undefined;

  constructor(private readonly spec: BackendSpec) {}

  /**
   * Looks for what another run has set up, before this one does.
   * @throws LbError LB_BACKEND_RUNNING when that run still goes on
   * @returns its note, undefined if there is none
   */
  findStale(): SetupNote | undefined {
    const { ok, stdout } = tryProgram('nft', ['list', 'table', 'inet', NFT_TABLE]);
    const note = ok ? readNote(stdout) : undefined;
    if (note !== undefined && interfaceNames().includes(note.tap)) {
      throw backendError(
        'LB_BACKEND_RUNNING',
        `another lb backend runs here, with the interface ${note.tap}`,
        'one takes several interfaces and VIPs',
      );
    }
    return note;
  }

  /**
   * @param mtu of the TAP
   * @param local addresses that balanced traffic is sent to
   * @throws LbError LB_BACKEND_PROGRAM, LB_BACKEND_SETTING
   */
  setUp(mtu: number, local: readonly Address[], stale: SetupNote | undefined): void {
    const { tap, vips } = this.spec;
    for (const setting of tapSettings(tap, vips)) writeSetting(setting);
    runProgram('ip', ['-batch', '-'], batch(tapLines(tap, mtu, vips)));
    const ip4 = vips.some(({ address }) => address.family === 4);
    const note = { tap, arpAnnounce: ip4 ? (stale?.arpAnnounce ?? readSetting(ARP_ANNOUNCE)) : stale?.arpAnnounce };
    runProgram('nft', ['-f', '-'], nftRules(this.spec, local, note));
    this.note = note;
    if (ip4 && readSetting(ARP_ANNOUNCE) < ARP_ANNOUNCE_BEST) {
      writeSetting({ path: ARP_ANNOUNCE, value: ARP_ANNOUNCE_BEST });
    }
  }

  /** Tells the rules that the own addresses are others now. */
  setLocal(local: readonly Address[]): void {
    runProgram('nft', ['-f', '-'], nftLocal(local));
  }

  /** Takes back what does not go with the TAP. */
  undo(): void {
    if (this.note === undefined) return;
    const { arpAnnounce } = this.note;
    this.note = undefined;
    if (arpAnnounce !== undefined && arpAnnounce < ARP_ANNOUNCE_BEST) {
      writeSetting({ path: ARP_ANNOUNCE, value: arpAnnounce });
    }
    runProgram('nft', ['-f', '-'], `${removal()}\n`);
  }
}

/** The next hops of the host's routes. */
export function gateways(): Address[] {
  return ['-4', '-6'].flatMap((family) => {
    const { ok, stdout } = tryProgram('ip', ['-j', family, 'route', 'show']);
    return ok ? gatewaysOf(stdout) : [];
  });
}

/** The same from what `ip -j route show` printed. */
export function gatewaysOf(json: string): Address[] {
  interface Hop {
    readonly gateway?: string;
    readonly nexthops?: readonly Hop[];
  }
  const routes: readonly Hop[] = json.trim() === '' ? [] : JSON.parse(json);
  return routes
    .flatMap((route) => [route, ...(route.nexthops ?? [])])
    .flatMap(({ gateway }) => (gateway === undefined ? [] : [parseAddress(gateway)]));
}

function batch(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
