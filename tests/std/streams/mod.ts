/**
 * Stand-in for `@std/streams` where only npm can be reached: the part in use, on Web Streams.
 *
 * @module
 */

/** Reads a stream to its end and joins the bytes. */
export async function toBytes(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(
    await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>)
      .arrayBuffer(),
  );
}
