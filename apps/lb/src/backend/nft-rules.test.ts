import { parseAddress, parsePrefix } from '@lb/core';
import { describe, expect, it } from 'vitest';
import { nftLocal, nftRules, readNote } from './nft-rules.js';
import { specOf } from './spec.testkit.js';

const LOCAL = ['10.0.0.7', '2001:db8::7'].map(parseAddress);
const NOTE = { tap: 'lb-backend', arpAnnounce: 0 };

describe('nftRules', () => {
  it('says all of it in one script that replaces what there is', () => {
    const spec = specOf({
      interfaces: [
        { name: 'eth0', kind: 'af_packet' },
        { name: 'eth1', kind: 'af_xdp' },
      ],
      vips: ['90.1.2.1', '90.0.0.0/8', '2004::5', '2004::/20'].map(parsePrefix),
      dscp: [
        { dscp: 2, vip: parseAddress('90.1.2.1') },
        { dscp: 63, vip: parseAddress('90.1.2.2') },
      ],
      from: [parsePrefix('10.0.0.0/24')],
      mss: 1436,
    });
    expect(nftRules(spec, LOCAL, NOTE)).toBe(`table inet lb_backend
delete table inet lb_backend
table arp lb_backend
delete table arp lb_backend
table inet lb_backend {
  comment "lb backend: tap lb-backend, arp_announce 0"
  set local4 { type ipv4_addr; elements = { 10.0.0.7 }; }
  set local6 { type ipv6_addr; elements = { 2001:db8::7 }; }
  chain gre {
    ip saddr != { 10.0.0.0/24 } accept
    meta nfproto ipv6 accept
    @th,0,32 0x00000800 @th,160,32 == 0x5a010201 counter drop
    @th,0,32 0x00000800 @th,160,32 & 0xff000000 == 0x5a000000 counter drop
    @th,0,32 0x000086dd @th,224,128 == 0x20040000000000000000000000000005 counter drop
    @th,0,32 0x000086dd @th,224,128 & 0xfffff000000000000000000000000000 == 0x20040000000000000000000000000000 counter drop
  }
  chain prerouting {
    type filter hook prerouting priority raw; policy accept;
    iifname != { "eth0", "eth1" } accept
    ip daddr @local4 meta l4proto gre goto gre
    ip6 daddr @local6 meta l4proto gre goto gre
    ip daddr @local4 ip dscp { 2, 63 } counter drop
  }
  chain output {
    type filter hook output priority mangle; policy accept;
    ip saddr { 90.0.0.0/8 } tcp flags & syn == syn tcp option maxseg size set 1436
    ip6 saddr { 2004::/20 } tcp flags & syn == syn tcp option maxseg size set 1416
  }
}
table arp lb_backend {
  chain input {
    type filter hook input priority filter; policy accept;
    arp daddr ip { 90.0.0.0/8 } counter drop
  }
}
`);
  });

  it('leaves out what is not asked for', () => {
    const rules = nftRules(specOf({ vips: [parsePrefix('2004::/16')] }), [], NOTE);
    expect(rules).toContain('set local4 { type ipv4_addr; }');
    for (const word of ['saddr', 'dscp', 'output', 'elements']) expect(rules).not.toContain(word);
    expect(rules.match(/table arp/g)).toHaveLength(2);
  });
});

it('changes the own addresses in one step', () => {
  expect(nftLocal([LOCAL[0]!])).toBe(`flush set inet lb_backend local4
add element inet lb_backend local4 { 10.0.0.7 }
flush set inet lb_backend local6
`);
});

describe('readNote', () => {
  const listing = (comment: string) => `table inet lb_backend {\n\tcomment "${comment}"\n\tset local4 {\n\t}\n}\n`;

  it.each([NOTE, { tap: 'x.1', arpAnnounce: undefined }])('finds the note that was written: %o', (note) => {
    const comment = /comment "(.*)"/.exec(nftRules(specOf(), [], note))![1]!;
    expect(readNote(listing(comment))).toEqual(note);
  });

  it('finds none elsewhere', () => {
    expect(readNote(listing('of somebody else'))).toBeUndefined();
    expect(readNote('')).toBeUndefined();
  });
});
