/**
 * Pieces of bytes in one piece.
 *
 * @module
 */

/** All of the chunks, one after the other, in memory of its own. `length` is what they come to, where that is known. */
export function joinBytes(
  chunks: readonly Uint8Array[],
  length: number = chunks.reduce((sum, chunk) => sum + chunk.length, 0),
): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
