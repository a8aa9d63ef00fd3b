/**
 * Classic pcap (draft-ietf-opsawg-pcap). Every field is in the byte order in which the magic number reads right.
 *
 *     file header, 24 bytes                     packet record, 16 bytes and then the packet
 *      0  magic: unit of the time fractions      0  seconds since 1970
 *      4  major version 2 | minor version 4      4  fraction of the second (µs or ns)
 *      8  time zone (0), 12 accuracy (0)         8  captured length
 *     16  snapshot length                       12  original length
 *     20  FCS length, flags | link type (low 16 bits)
 */
export const PCAP_HEADER_BYTES = 24;
export const PCAP_RECORD_HEADER_BYTES = 16;

export const PCAP_MAGIC_MICROSECONDS = 0xa1b2c3d4;
export const PCAP_MAGIC_NANOSECONDS = 0xa1b23c4d;
/** A variant with longer record headers, written by patched tools of the nineties. */
export const PCAP_MAGIC_MODIFIED = 0xa1b2cd34;

export const PCAP_VERSION_MAJOR = 2;
export const PCAP_VERSION_MINOR = 4;
