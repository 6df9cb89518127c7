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

/** gzip of this runtime; `undefined` where there is none, in browsers for example. */
export function gzip(): Compressor | undefined {
  // No import, so that a bundle for a browser can hold this file.
  const zlib = (globalThis as Runtime).process?.getBuiltinModule?.("node:zlib");
  if (zlib === undefined) return undefined;
  return {
    name: "gzip",
    compress: (bytes) => zlib.gzipSync(bytes),
    decompress(bytes, maxBytes) {
      try {
        return zlib.gunzipSync(bytes, { maxOutputLength: Math.max(1, maxBytes) });
      } catch (cause) {
        if ((cause as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") {
          throw new RpcError("overload", `more than ${maxBytes} bytes would be decompressed`, { cause });
        }
        throw new RpcError("protocol", `not gzip: ${(cause as Error).message}`, { cause });
      }
    },
  };
}
