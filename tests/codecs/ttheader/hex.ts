/**
 * Bytes as people write them.
 *
 * @module
 */

/** The bytes of hex digits, blanks aside. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.replace(/[\s|]+/g, "").match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** The hex digits of bytes. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
