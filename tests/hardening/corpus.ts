/**
 * Valid messages of `echo.thrift` in every protocol, recorded from our own clients and servers.
 *
 * @module
 */
import { buffered, framed } from "../../codecs/thrift/protocol.ts";
import { type Client, createClient, createServer, type Protocol } from "../../core.ts";
import type { RawConn, Transport } from "../../lib/io/raw.ts";
import { memory } from "../../transports/memory.ts";
import { EchoService, type EchoServiceClient } from "../interop/gen/echo.ts";
import { echoHandlers, fullValue } from "../interop/handlers.ts";
import { join } from "./raw_peer.ts";

const PAYLOADS = ["binary", "compact", "json"] as const;

/** One message as it was on the wire. */
export interface Recording {
  /** Its bytes, with the length if it is framed. */
  readonly bytes: Uint8Array;
  /** True behind a length. */
  readonly framed: boolean;
  /** How it is encoded. */
  readonly payload: (typeof PAYLOADS)[number];
  /** Which way it went. */
  readonly kind: "request" | "reply";
}

/** The requests and replies of several methods in every protocol. */
export async function corpus(): Promise<Recording[]> {
  const all: Recording[] = [];
  for (const payload of PAYLOADS) {
    for (const make of [framed, buffered]) {
      const protocol = make({ payload });
      const about = { framed: make === framed, payload };
      const transport = taped(memory({ capacityBytes: 1 << 20 }), (bytes, kind) => all.push({ ...about, bytes, kind }));
      const server = await createServer({ transport, protocols: [protocol] }).add(EchoService, echoHandlers())
        .listen({ path: "server" });
      const client = createClient(EchoService, { to: server.address, transport, protocol });
      await client.echo({ msg: "hello", all: fullValue() });
      await client.echoString("text");
      await client.echoBinary(new Uint8Array(100));
      await client.add(1n, -1n);
      await client.ping();
      await client.notify("note");
      await client.notified();
      await client.fail("declared").catch(() => {}); // that is its reply
      await client.fail("plain").catch(() => {});
      await client.close();
      await server.close();
    }
  }
  return all;
}

/** What our client sends for the calls that `make` makes, in one piece. */
export async function requestBytes(
  protocol: Protocol,
  make: (client: Client<EchoServiceClient>) => Promise<unknown>,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const transport = taped(memory({ capacityBytes: 64 << 20 }), (bytes, kind) => {
    if (kind === "request") parts.push(bytes);
  });
  const server = await createServer({ transport, protocols: [protocol] }).add(EchoService, echoHandlers())
    .listen({ path: "server" });
  const client = createClient(EchoService, { to: server.address, transport, protocol });
  await make(client);
  await client.close();
  await server.close();
  return join(parts);
}

/** The transport, telling what clients and servers write: one message a write, as calls come one at a time. */
export function taped(transport: Transport, tape: (bytes: Uint8Array, kind: "request" | "reply") => void): Transport {
  const record = (conn: RawConn, kind: "request" | "reply"): RawConn => {
    const write = conn.write.bind(conn);
    conn.write = (bytes) => {
      tape(bytes.slice(), kind);
      return write(bytes);
    };
    return conn;
  };
  return {
    name: transport.name,
    dial: async (to, options) => record(await transport.dial(to, options), "request"),
    listen: (on, accept, options) => transport.listen(on, (conn) => accept(record(conn, "reply")), options),
  };
}
