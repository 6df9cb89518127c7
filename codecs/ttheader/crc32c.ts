/**
 * CRC-32C (Castagnoli): the payload checksum of TTHeader. RFC 3720, appendix B.4.
 *
 * @module
 */

/** The polynomial, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

const TABLES: readonly Uint32Array[] = tables();

/** The CRC-32C of `bytes[start..end]`, 0 to 2^32 - 1. */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  const [t0, t1, t2, t3] = TABLES as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let crc = 0xffff_ffff;
  let at = start;
  for (const last = end - 3; at < last; at += 4) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc = t3[crc & 255]! ^ t2[(crc >>> 8) & 255]! ^ t1[(crc >>> 16) & 255]! ^ t0[crc >>> 24]!;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]!) & 255]!;
  return (crc ^ 0xffff_ffff) >>> 0;
}

/** Four tables, so that four bytes are taken at a time. */
function tables(): Uint32Array[] {
  const first = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
    first[i] = crc;
  }
  const all = [first];
  for (let n = 1; n < 4; n++) all.push(all[n - 1]!.map((crc) => (crc >>> 8) ^ first[crc & 255]!));
  return all;
}
