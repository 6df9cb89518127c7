/**
 * Valid requests of `echo.thrift` in every protocol, recorded from our own client.
 *
 * @module
 */
import { buffered, framed } from "../../codecs/thrift/protocol.ts";
import { createClient } from "../../core.ts";
import { memory } from "../../transports/memory.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { fullValue } from "../interop/handlers.ts";

const payloads = ["binary", "compact", "json"] as const;

/** One recording a method and protocol. */
export async function corpus(): Promise<Uint8Array[]> {
  const recordings: Uint8Array[] = [];
  for (const protocol of payloads.flatMap((payload) => [framed({ payload }), buffered({ payload })])) {
    const transport = memory();
    await transport.listen({ path: "recorder" }, (conn) => {
      conn.start({
        chunk: (bytes) => void recordings.push(bytes.slice()),
        end: () => conn.close(),
        drain: () => {},
        close: () => {},
      });
    });
    const client = createClient(EchoService, { to: "unix:recorder", transport, protocol, pool: { type: "short" } });
    const calls = [
      client.echo({ msg: "hello", all: fullValue() }),
      client.echoString("text"),
      client.echoBinary(new Uint8Array(100)),
      client.add(1n, -1n),
      client.ping(),
      client.notify("note"),
      client.fail("declared"),
    ];
    for (const call of calls) call.catch(() => {}); // nobody answers: they end with the client
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    await client.close();
    await Promise.allSettled(calls);
  }
  if (recordings.length < 7 * 6) throw new Error(`only ${recordings.length} requests were recorded`);
  return recordings;
}
