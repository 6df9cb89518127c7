/**
 * XXH32 of text: a hash that is the same in every process, for consistent hashing and subsets.
 *
 * Not for secrets: whoever chooses the text can choose the hash.
 *
 * @module
 */

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;

/** Text up to this length is hashed without allocating, if it is ASCII. */
const SCRATCH_BYTES = 256;

/** XXH32 of the UTF-8 bytes of a text, from 0 to 2^32 - 1. */
export type TextHash = (text: string, seed?: number) => number;

/** Makes a hash function with a scratch buffer of its own. */
export function createTextHash(): TextHash {
  const scratch = new Uint8Array(SCRATCH_BYTES);
  const encoder = new TextEncoder();
  return (text, seed = 0) => {
    const { length } = text;
    if (length > SCRATCH_BYTES) return hashBytes(encoder.encode(text), seed);
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return hashBytes(encoder.encode(text), seed);
      scratch[i] = code;
    }
    return hashBytes(scratch, seed, length);
  };
}

/** XXH32 of the first `length` bytes, from 0 to 2^32 - 1. */
export function hashBytes(bytes: Uint8Array, seed = 0, length: number = bytes.length): number {
  let at = 0;
  let hash: number;
  if (length >= 16) {
    let a = (seed + PRIME_1 + PRIME_2) | 0;
    let b = (seed + PRIME_2) | 0;
    let c = seed | 0;
    let d = (seed - PRIME_1) | 0;
    for (; at + 16 <= length; at += 16) {
      a = lane(a, word(bytes, at));
      b = lane(b, word(bytes, at + 4));
      c = lane(c, word(bytes, at + 8));
      d = lane(d, word(bytes, at + 12));
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  } else {
    hash = (seed + PRIME_5) | 0;
  }
  hash = (hash + length) | 0;
  for (; at + 4 <= length; at += 4) {
    hash = Math.imul(rotate((hash + Math.imul(word(bytes, at), PRIME_3)) | 0, 17), PRIME_4);
  }
  for (; at < length; at++) hash = Math.imul(rotate((hash + Math.imul(bytes[at]!, PRIME_5)) | 0, 11), PRIME_1);
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function lane(sum: number, input: number): number {
  return Math.imul(rotate((sum + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1);
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
