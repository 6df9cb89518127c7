/**
 * Content in one piece.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { ByteQueue } from "../io/byte_queue.ts";

/** Bytes of a content that are taken at most, unless told otherwise. */
export const MAX_BODY_BYTES: number = 4 * 1024 * 1024;

/** All chunks joined. Rejects with kind `"protocol"` when there are more than `maxBytes`, and leaves them then. */
export async function wholeBody(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const all = new ByteQueue();
  for await (const chunk of chunks) {
    if (all.length + chunk.length > maxBytes) throw new RpcError("protocol", `body of more than ${maxBytes} bytes`);
    all.append(chunk);
  }
  return all.bytes.subarray(all.start, all.end);
}
