export { swap16 } from './byte-order.js';
export {
  applyChange,
  change16,
  change32,
  finish,
  fold,
  pseudoHeaderSum4,
  pseudoHeaderSum6,
  replaceWord16,
  replaceWord32,
  sumBytes,
} from './checksum.js';
export { ENCAP_ERRORS, EncapError, type EncapErrorCode } from './errors.js';
export {
  ETHERTYPE_ARP_RAW,
  ETHERTYPE_IP4_RAW,
  ETHERTYPE_IP6_RAW,
  ETHERTYPE_QINQ_RAW,
  ETHERTYPE_VLAN_RAW,
  moveEthernet,
  swapMac,
} from './ethernet.js';
export { type FrameViews, frameViews } from './frame-views.js';
export {
  encapGre4,
  encapGre4WithSource,
  encapGre6,
  GRE4_OVERHEAD,
  GRE6_OVERHEAD,
  gre4Template,
  gre6Template,
  TEMPLATE_WORDS,
} from './gre.js';
export { GRE_ERROR, parseGre } from './gre-parse.js';
export { replyEcho4, replyEcho6 } from './icmp-echo.js';
export {
  ICMP4_ERROR_MAX_BYTES,
  ICMP6_ERROR_MAX_BYTES,
  writeFragmentationNeeded4,
  writePacketTooBig6,
  writeTimeExceeded4,
  writeTimeExceeded6,
} from './icmp-errors.js';
export { natIcmpError4, natIcmpError6 } from './icmp-nat.js';
export {
  IP4_CHECKSUM,
  IP4_DST,
  IP4_FRAGMENT,
  IP4_HEADER_BYTES,
  IP4_LENGTH,
  IP4_PROTOCOL,
  IP4_SRC,
  IP4_TTL,
  IP6_DST,
  IP6_HEADER_BYTES,
  IP6_HOP_LIMIT,
  IP6_LENGTH,
  IP6_NEXT_HEADER,
  IP6_SRC,
  PROTOCOL_DCCP,
  PROTOCOL_GRE,
  PROTOCOL_ICMP,
  PROTOCOL_ICMP6,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  PROTOCOL_UDPLITE,
} from './ip-header.js';
export { FRAGMENT_ERROR, FRAGMENT_PLAN_WORDS, planFragments4, writeFragment4 } from './ipv4-fragment.js';
export { rewriteL3dsr } from './l3dsr.js';
export { checksumOffset, updateL4Checksum } from './l4-checksum.js';
export { clampMss } from './mss.js';
export { natIp4, natIp6, type Side } from './nat.js';
export { decrementHopLimit6, decrementTtl4 } from './ttl.js';
