/** Sizes of a FLOE ciphertext with Caseroom's parameters (protocol §5.3): public knowledge, needed by whoever stores one. */
export const FLOE_HEADER_BYTES = 74;
export const SEGMENT_BYTES = 262_144;
/** Length mark, nonce and tag. */
export const SEGMENT_OVERHEAD = 32;
export const SEGMENT_PLAINTEXT = SEGMENT_BYTES - SEGMENT_OVERHEAD;
