/**
 * gzip, on runtimes that bring a zlib.
 *
 * It is synchronous, because messages are small and a promise for each would cost more; and bounded, which the Web's
 * `DecompressionStream` is not.
 *
 * @module
 */
import type { Compressor } from "../lib/compressor.ts";
import { RpcError } from "../lib/errors.ts";

interface Zlib {
  gzipSync(bytes: Uint8Array): Uint8Array;
  gunzipSync(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
}

/** The part in use of what Node, Deno and Bun have as `process`. */
interface Runtime {
  readonly process?: { getBuiltinModule?(name: "node:zlib"): Zlib | undefined };
}

/** So much of a message is decompressed that says of itself that it is too large: enough to see whether it is gzip at all. */
const PEEKED_BYTES = 1024;

/** gzip of this runtime; `undefined` where there is none, in browsers for example. */
export function gzip(): Compressor | undefined {
  // No import, so that a bundle for a browser can hold this file.
  const zlib = (globalThis as Runtime).process?.getBuiltinModule?.("node:zlib");
  if (zlib === undefined) return undefined;
  return {
    name: "gzip",
    compress: (bytes) => zlib.gzipSync(bytes),
    decompress(bytes, maxBytes) {
      const most = declaredBytes(bytes) > maxBytes ? Math.min(maxBytes, PEEKED_BYTES) : maxBytes;
      try {
        return zlib.gunzipSync(bytes, { maxOutputLength: Math.max(1, most) });
      } catch (cause) {
        if ((cause as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") {
          throw new RpcError("overload", `more than ${maxBytes} bytes would be decompressed`, { cause });
        }
        throw new RpcError("protocol", `not gzip: ${(cause as Error).message}`, { cause });
      }
    },
  };
}

/** What the end of a gzip member says its content has (RFC 1952 §2.3.1): the truth, or less or more, by who sends it. */
function declaredBytes(bytes: Uint8Array): number {
  const at = bytes.length - 4;
  if (at < 0) return 0;
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
