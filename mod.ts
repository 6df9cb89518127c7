/**
 * Updraft: RPC services and clients in TypeScript that speak real Kitex and Thrift on the wire.
 *
 * This is the front door: it finds the runtime's sockets by itself and speaks framed Thrift unless told otherwise.
 * `@updraft/rpc/core` has the same two functions without these defaults.
 *
 * ```ts ignore
 * import { createClient, createServer } from "@updraft/rpc";
 * import { Greeter } from "./gen/greeter.ts";
 *
 * await using server = await createServer()
 *   .add(Greeter, { hello: (request) => ({ text: `hello ${request.name}` }) })
 *   .listen({ hostname: "127.0.0.1", port: 8888 });
 *
 * await using client = createClient(Greeter, { to: server.address, timeoutMs: 500 });
 * console.log((await client.hello({ name: "Ada" })).text);
 * ```
 *
 * @module
 */
import { buffered, framed } from "./codecs/thrift/protocol.ts";
import { ttheaderStreaming } from "./codecs/ttheader/stream/protocol.ts";
import type { Transport } from "./lib/io/raw.ts";
import { type ClientOptions, createClient as createCoreClient } from "./lib/rpc/client.ts";
import type { Client } from "./lib/rpc/client_methods.ts";
import type { Protocol } from "./lib/rpc/protocol.ts";
import { createServer as createCoreServer, type Server, type ServerOptions } from "./lib/rpc/server.ts";
import type { ServiceSchema } from "./lib/schema/service.ts";

export * from "./core.ts";
export { buffered, framed, type ThriftProtocolOptions } from "./codecs/thrift/protocol.ts";
export { ttheaderStreaming, type TTHeaderStreamingOptions } from "./codecs/ttheader/stream/protocol.ts";

/**
 * Makes a server. Left out, `transport` is the runtime's own, and `protocols` are TTHeader streaming, and Thrift framed and
 * buffered over Binary, Compact and JSON, told apart by the first bytes of each connection.
 */
export function createServer(options: Partial<ServerOptions> = {}): Server {
  return createCoreServer({ transport: findTransport, protocols: defaultProtocols(), ...options });
}

/**
 * Makes a client of a service. Left out, `transport` is the runtime's own, and `protocol` is `framed()`; where
 * `protocol` does not stream, `streaming` is `ttheaderStreaming()`.
 * Throws an `RpcError` of kind `"invalid"` for a target or option that cannot be used.
 */
export function createClient<C>(
  service: ServiceSchema<unknown, C>,
  options: Partial<ClientOptions> & Pick<ClientOptions, "to">,
): Client<C> {
  const { protocol = framed() } = options;
  const streaming = protocol.streams ? {} : { streaming: ttheaderStreaming() };
  return createCoreClient(service, { transport: findTransport, ...streaming, ...options, protocol });
}

async function findTransport(): Promise<Transport> {
  const { auto } = await import("./transports/auto.ts");
  return await auto();
}

function defaultProtocols(): Protocol[] {
  return [
    ttheaderStreaming(),
    framed(),
    buffered(),
    framed({ payload: "compact" }),
    buffered({ payload: "compact" }),
    framed({ payload: "json" }),
    buffered({ payload: "json" }),
  ];
}
