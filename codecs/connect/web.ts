/**
 * A client of Protocol Buffers services for browsers, workers and everything else that has `fetch`: Connect, or gRPC-Web.
 *
 * ```ts ignore
 * import { createWebClient } from "@updraft/rpc/connect-web";
 * import { Greeter } from "./gen/greeter_rpc.ts";
 *
 * const client = createWebClient(Greeter, { to: "https://greeter.example" });
 * console.log((await client.hello({ name: "Ada" })).text);
 * ```
 *
 * @module
 */
export { type ErrorKind, RpcError, type RpcErrorOptions } from "../../lib/errors.ts";
export type { Call, CallContext, CallOptions } from "../../lib/rpc/call.ts";
export type { Client, ClientHandle } from "../../lib/rpc/client_methods.ts";
export type { FetchClientOptions } from "../../lib/rpc/fetch_client.ts";
export { Metadata, type MetadataInit } from "../../lib/rpc/metadata.ts";
export type { Handler, Middleware } from "../../lib/rpc/middleware.ts";
export { GrpcError, type GrpcErrorOptions, GrpcStatus } from "../grpc/status.ts";
export type { CodecName, ConnectLimits } from "./codec.ts";
export { type ConnectClientOptions, createWebClient } from "./web_client.ts";
