/**
 * HPACK's Huffman code. It is canonical (codes of one length rise with the symbol), so the lengths alone define it;
 * the tables to encode and decode with are made from them.
 *
 * Spec: RFC 7541 §5.2 and appendix B.
 *
 * @module
 */

/** Bits of each octet's code, in order of the octets. EOS, which is no octet, has 30 and is the last code. */
export const CODE_BITS: Uint8Array = new Uint8Array([
  [13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28],
  [28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6],
  [12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5],
  [6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22],
  [22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21],
  [20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22],
  [23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26],
  [28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27],
  [28, 27, 27, 27, 27, 27, 26],
].flat());

/** The longest code. */
export const MAX_BITS = 30;
/** The shortest code: so many bits at least stand for an octet. */
export const MIN_BITS = 5;
/** Codes of up to this many bits are found in one step. */
export const FAST_BITS = 10;

/** The code of each octet, in its low `CODE_BITS` bits. */
export const CODES: Uint32Array = new Uint32Array(256);
/** The octets in order of their codes. */
export const ORDER: Uint8Array = new Uint8Array(256);
/** For each length: the first code of a greater length, moved up to `MAX_BITS` bits; a smaller value has at most this length. */
export const LIMITS: Uint32Array = new Uint32Array(MAX_BITS + 1);
/** For each length: the index in `ORDER` of its first octet, less its first code. */
export const OFFSETS: Int32Array = new Int32Array(MAX_BITS + 1);
/** For each value of `FAST_BITS` bits: length << 8 | octet if a code of up to so many bits begins it, else 0. */
export const FAST: Uint16Array = new Uint16Array(1 << FAST_BITS);

{
  let code = 0;
  let rank = 0;
  for (let bits = 1; bits <= MAX_BITS; bits++) {
    code *= 2;
    OFFSETS[bits] = rank - code;
    for (let octet = 0; octet < 256; octet++) {
      if (CODE_BITS[octet] !== bits) continue;
      CODES[octet] = code;
      ORDER[rank++] = octet;
      const spare = FAST_BITS - bits;
      if (spare >= 0) FAST.fill((bits << 8) | octet, code << spare, (code + 1) << spare);
      code++;
    }
    LIMITS[bits] = code * 2 ** (MAX_BITS - bits);
  }
}
