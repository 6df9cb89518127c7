/**
 * Tells HTTP/2 from everything else by the first bytes of a connection.
 *
 * @module
 */
import { PREFACE } from "./frame.ts";

/** `PRI * HT` decides: nothing else begins so. */
const DECIDING_BYTES = 8;

/** Does a client that begins with `bytes` speak HTTP/2? `null` if there are too few to tell. */
export function detectPreface(bytes: Uint8Array): boolean | null {
  const count = Math.min(bytes.length, DECIDING_BYTES);
  for (let i = 0; i < count; i++) {
    if (bytes[i] !== PREFACE[i]) return false;
  }
  return count === DECIDING_BYTES ? true : null;
}
