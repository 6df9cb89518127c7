/**
 * Envelopes out of an answer's content.
 *
 * @module
 */
import { ByteQueue } from "../../lib/io/byte_queue.ts";
import { tooLarge } from "../grpc/message_reader.ts";
import { GrpcError, GrpcStatus } from "../grpc/status.ts";

/** A message and its flags. */
export interface Enveloped {
  /** The byte of flags. */
  readonly flags: number;
  /** The message, as memory of its own. */
  readonly message: Uint8Array;
}

/** The envelopes in `chunks`. Rejects with a `GrpcError` for one that is larger than `maxBytes`, or not all there. */
export async function* envelopesOf(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Enveloped> {
  const queue = new ByteQueue();
  for await (const chunk of chunks) {
    queue.append(chunk);
    while (queue.length >= 5) {
      const { bytes, start } = queue;
      const length = new DataView(bytes.buffer, bytes.byteOffset + start).getUint32(1);
      if (length > maxBytes) throw tooLarge(length, maxBytes);
      if (queue.length < 5 + length) break;
      const envelope = { flags: bytes[start]!, message: bytes.slice(start + 5, start + 5 + length) };
      queue.drop(5 + length);
      yield envelope;
    }
  }
  if (queue.length > 0) throw new GrpcError(GrpcStatus.INTERNAL, "the answer ends within a message");
}
