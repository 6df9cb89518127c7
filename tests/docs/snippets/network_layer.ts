/**
 * What docs/network_layer.md shows.
 *
 * @module
 */
import { BufferedConnection, EventLoop } from "@updraft/rpc/io";
import { memory } from "@updraft/rpc/memory";
import { assertEquals } from "@std/assert";

const loop = new EventLoop({
  async onRequest({ reader, writer }) {
    const header = await reader.next(4);
    const length = new DataView(header.buffer, header.byteOffset).getUint32(0);
    const text = await reader.readString(length);
    reader.release();
    writer.writeString(text.toUpperCase());
    await writer.flush();
  },
}, { readTimeoutMs: 5_000 });

const network = memory(); // or deno(), bun(), node() from the entries of these names
await loop.listen(network, { hostname: "127.0.0.1", port: 1 });

const conn = new BufferedConnection(await network.dial({ hostname: "127.0.0.1", port: 1 }));
conn.start();
conn.writer.writeBinary(Uint8Array.of(0, 0, 0, 5));
conn.writer.writeString("hello");
await conn.writer.flush();
const answer = await conn.reader.readString(5);
await conn.close();
await loop.shutdown();

assertEquals(answer, "HELLO");
