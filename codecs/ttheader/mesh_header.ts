/**
 * The mesh header: string pairs that an older proxy puts before a message. Read, never written.
 *
 * ```text
 * ff af | u16 bytes that follow | u16 count, count x {str, str} | what is left of them is ignored
 * ```
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { decodeText } from "../../lib/io/text.ts";

/** Do the bytes at `from` begin a mesh header? Two of them tell. */
export function isMeshHeader(bytes: Uint8Array, from = 0): boolean {
  return bytes[from] === 0xff && bytes[from + 1] === 0xaf;
}

/** A mesh header that was read. */
export interface MeshHeader {
  /** Its pairs. */
  readonly strings: Map<string, string>;
  /** Where it ends and the message begins. */
  readonly end: number;
}

/**
 * Reads the mesh header at `bytes[from]`, or gives `null` if it is not all there. Throws an `RpcError` of kind
 * `"protocol"` if its pairs reach past its end.
 */
export function decodeMeshHeader(bytes: Uint8Array, from = 0): MeshHeader | null {
  if (bytes.length - from < 4) return null;
  const end = from + 4 + u16(bytes, from + 2);
  if (bytes.length < end) return null;
  let at = from + 4;
  const take = (length: number): number => {
    if (end - at < length) throw new RpcError("protocol", `the mesh header ends within the entry at byte ${at - from}`);
    at += length;
    return at - length;
  };
  const string = (): string => {
    const start = take(2);
    const text = take(u16(bytes, start));
    return decodeText(bytes, text, at);
  };
  const strings = new Map<string, string>();
  for (let left = u16(bytes, take(2)); left > 0; left--) {
    const key = string();
    strings.set(key, string());
  }
  return { strings, end };
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}
