/**
 * Huffman coding of strings, both ways. Encoding goes from a string straight into the output; decoding looks ten bits up
 * at a time, which covers everything that is common.
 *
 * Spec: RFC 7541 §5.2.
 *
 * @module
 */
import { CODE_BITS, CODES, FAST, FAST_BITS, LIMITS, MAX_BITS, MIN_BITS, OFFSETS, ORDER } from "./huffman_code.ts";
import { compressionError } from "./integer.ts";

const FAST_MASK = (1 << FAST_BITS) - 1;

/** How many octets `text` (one char per octet) has when coded. */
export function huffmanLength(text: string): number {
  let bits = 7;
  for (let i = 0; i < text.length; i++) bits += CODE_BITS[text.charCodeAt(i)]!;
  return Math.floor(bits / 8);
}

/** Writes `text` (one char per octet) coded at `pos`, where there must be room; gives the position after it. */
export function writeHuffman(bytes: Uint8Array, pos: number, text: string): number {
  let held = 0; // its low `count` bits are still to be written
  let count = 0; // at most 7 between two octets of the text
  for (let i = 0; i < text.length; i++) {
    const octet = text.charCodeAt(i);
    let code = CODES[octet]!;
    let bits = CODE_BITS[octet]!;
    if (bits > 24) {
      // With the 7 that may wait that is too much for one integer: the upper bits go first.
      const upper = bits - 16;
      held = (held << upper) | (code >>> 16);
      for (count += upper; count >= 8;) bytes[pos++] = held >>> (count -= 8);
      code &= 0xffff;
      bits = 16;
    }
    held = (held << bits) | code;
    for (count += bits; count >= 8;) bytes[pos++] = held >>> (count -= 8);
  }
  if (count > 0) bytes[pos++] = (held << (8 - count)) | (0xff >>> count);
  return pos;
}

/** The most octets that `length` coded ones can stand for. */
export function maxDecoded(length: number): number {
  return Math.floor(length * 8 / MIN_BITS);
}

/**
 * Decodes the octets of `bytes` from `pos` to `end` into `out`, which must have room for `maxDecoded` of them; gives how
 * many octets it wrote. Throws a COMPRESSION_ERROR for EOS, and for padding that is not 0 to 7 one bits.
 */
export function readHuffman(bytes: Uint8Array, pos: number, end: number, out: Uint8Array): number {
  let held = 0; // its low `count` bits are still to be read
  let count = 0;
  let length = 0;
  for (;;) {
    if (count < FAST_BITS) {
      while (count < 24 && pos < end) {
        held = (held << 8) | bytes[pos++]!;
        count += 8;
      }
    }
    const window = count >= FAST_BITS
      ? (held >>> (count - FAST_BITS)) & FAST_MASK
      : ((held << (FAST_BITS - count)) | (FAST_MASK >>> count)) & FAST_MASK;
    const found = FAST[window]!;
    if (found !== 0) {
      const bits = found >>> 8;
      if (bits > count) throw compressionError("padding of a Huffman string is not all ones");
      count -= bits;
      out[length++] = found;
      continue;
    }
    // A long code, or the padding.
    while (count < 24 && pos < end) {
      held = (held << 8) | bytes[pos++]!;
      count += 8;
    }
    const next = pos < end ? bytes[pos]! : 0xff;
    const wide = peek(held, count, next);
    let bits = FAST_BITS + 1;
    while (bits < MAX_BITS && wide >= LIMITS[bits]!) bits++;
    if (bits === MAX_BITS && wide >= LIMITS[MAX_BITS]!) {
      // All ones as far as can be seen: EOS itself, or a beginning of it, which is what padding is.
      if (pos < end || count > 7) throw compressionError("Huffman string holds EOS or is padded too long");
      return length;
    }
    if (bits > count) {
      if (pos >= end) throw compressionError("Huffman string ends within a code");
      held = (held << 8) | next;
      pos++;
      count += 8; // may pass 32: the bits that are pushed out were read before or are of this code, held in `wide`
    }
    count -= bits;
    out[length++] = ORDER[(wide >>> (MAX_BITS - bits)) + OFFSETS[bits]!]!;
  }
}

/** The next 30 bits: from `held`, then from the octet `next`, then ones. `count` is 24 to 31, or all that is left. */
function peek(held: number, count: number, next: number): number {
  const missing = MAX_BITS - count;
  if (missing <= 0) return (held >>> -missing) & 0x3fffffff;
  if (missing <= 8) return ((held << missing) | (next >>> (8 - missing))) & 0x3fffffff;
  return ((held << missing) | (0x3fffffff >>> count)) & 0x3fffffff;
}
