/**
 * What compresses messages, where a protocol can carry compressed ones. Passed in, never reached for; `gzip` of the front
 * door is the runtime's.
 *
 * @module
 */

/** A way to compress. */
export interface Compressor {
  /** Its name on the wire: `"gzip"`. */
  readonly name: string;
  /** Compresses. */
  compress(bytes: Uint8Array): Uint8Array;
  /**
   * Decompresses. Throws an `RpcError` of kind `"protocol"` for bytes that are broken, and of kind `"overload"` as soon as
   * more than `maxBytes` would come out: no more than that is ever allocated.
   */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array;
}
