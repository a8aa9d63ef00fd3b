/** Which address of a packet @lb/encap's NAT functions replace. */
export const SIDE_SOURCE = 0;
export const SIDE_DESTINATION = 1;
