/** Most captured bytes of one packet, read or written: what tcpdump and Wireshark accept for Ethernet. */
export const MAX_CAPTURED_BYTES = 262_144;

/** Largest pcapng block that is held whole (packets, interfaces, section headers). Others are skipped at any size. */
export const MAX_HELD_BLOCK_BYTES = 16 * 1024 * 1024;

/** Most interfaces in one pcapng section: a hostile file could otherwise fill memory with 20-byte blocks. */
export const MAX_INTERFACES = 65_536;

/** Bytes asked from the system at once, and the size at which a reader's buffer starts. */
export const READ_CHUNK_BYTES = 1024 * 1024;

/** Size of a writer's buffer; it must hold the largest record of either format. */
export const WRITE_BUFFER_BYTES = 1024 * 1024;
