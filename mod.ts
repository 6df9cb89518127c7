/**
 * Updraft: RPC services and clients in TypeScript that speak real Kitex and Thrift on the wire.
 *
 * This is the front door: it finds the runtime's sockets by itself and speaks Kitex's TTHeader unless told otherwise.
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
import { kitex } from "./codecs/kitex/protocol.ts";
import { buffered, framed } from "./codecs/thrift/protocol.ts";
import { ttheader } from "./codecs/ttheader/protocol.ts";
import { ttheaderStreaming } from "./codecs/ttheader/stream/protocol.ts";
import type { Compressor } from "./lib/compressor.ts";
import type { Transport } from "./lib/io/raw.ts";
import { type ClientOptions, createClient as createCoreClient } from "./lib/rpc/client.ts";
import type { Client } from "./lib/rpc/client_methods.ts";
import { createLocalClient as createCoreLocalClient, type LocalClientOptions } from "./lib/rpc/local_client.ts";
import type { Protocol } from "./lib/rpc/protocol.ts";
import { createServer as createCoreServer, type Server, type ServerOptions } from "./lib/rpc/server.ts";
import type { ServiceSchema } from "./lib/schema/service.ts";
import { clientPipeline, type PolicyOptions } from "./middleware/pipeline.ts";
import { asyncContext } from "./transports/async_context.ts";
import { gzip } from "./transports/gzip.ts";

export * from "./core.ts";
export { kitex } from "./codecs/kitex/protocol.ts";
export { kitexProtobuf, type KitexProtobufOptions } from "./codecs/kitex_protobuf/protocol.ts";
export { buffered, framed, type ThriftProtocolOptions } from "./codecs/thrift/protocol.ts";
export type { BreakerOptions, PolicyOptions } from "./middleware/pipeline.ts";
export { ttheader, type TTHeaderOptions } from "./codecs/ttheader/protocol.ts";
export { ttheaderStreaming, type TTHeaderStreamingOptions } from "./codecs/ttheader/stream/protocol.ts";
export { asyncContext } from "./transports/async_context.ts";
export { gzip } from "./transports/gzip.ts";

/**
 * Makes a server. Left out, `transport` is the runtime's own, and `protocols` are all that Kitex speaks but gRPC (`kitex()`:
 * TTHeader, framed and buffered Thrift, Kitex Protobuf; and `ttheaderStreaming()`), and Thrift framed and buffered over
 * Compact and JSON, told apart by the first bytes of each connection.
 */
export function createServer(options: Partial<ServerOptions> = {}): Server {
  return createCoreServer({
    transport: findTransport,
    protocols: defaultProtocols(),
    asyncContext,
    compressors: runtimeCompressors(),
    ...options,
  });
}

/** What the front door's `createClient` takes: what may be left out, and the policies around its calls. */
export type FrontClientOptions = Partial<ClientOptions> & Pick<ClientOptions, "to"> & PolicyOptions;

/**
 * Makes a client of a service. Left out, `transport` is the runtime's own, and `protocol` is `ttheader()`; where
 * `protocol` does not stream, `streaming` is `ttheaderStreaming()`. Policies are put around its calls in Kitex's order
 * (`clientPipeline` of `@updraft/rpc/middleware`).
 * Throws an `RpcError` of kind `"invalid"` for a target or option that cannot be used.
 */
export function createClient<C>(
  service: ServiceSchema<unknown, C>,
  options: FrontClientOptions,
): Client<C> {
  const { protocol = ttheader() } = options;
  const pipeline = clientPipeline(options);
  const streaming = protocol.streams ? {} : { streaming: ttheaderStreaming() };
  return createCoreClient(service, {
    transport: findTransport,
    asyncContext,
    compressors: runtimeCompressors(),
    ...streaming,
    ...options,
    ...pipeline,
    protocol,
  });
}

/**
 * Makes a client of handlers in this process (Kitex's local caller); calls go through the middleware of a server, and find the call
 * being served that they are made for by themselves. Throws an `RpcError` of kind `"invalid"` if a handler is missing.
 */
export function createLocalClient<H, C>(
  service: ServiceSchema<H, C>,
  handlers: NoInfer<H>,
  options: LocalClientOptions = {},
): Client<C> {
  return createCoreLocalClient(service, handlers, { asyncContext, ...options });
}

async function findTransport(): Promise<Transport> {
  const { auto } = await import("./transports/auto.ts");
  return await auto();
}

function runtimeCompressors(): Compressor[] {
  const found = gzip();
  return found === undefined ? [] : [found];
}

function defaultProtocols(): Protocol[] {
  return [
    ttheaderStreaming(),
    kitex(),
    framed({ payload: "compact" }),
    buffered({ payload: "compact" }),
    framed({ payload: "json" }),
    buffered({ payload: "json" }),
  ];
}
