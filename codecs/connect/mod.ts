/**
 * Connect and gRPC-Web: `connect()` is one of a server's protocols. Browsers call by `createWebClient` of `@updraft/rpc/connect-web`.
 *
 * @module
 */
export type { Compressor } from "../../lib/compressor.ts";
export { type ErrorKind, RpcError, type RpcErrorOptions } from "../../lib/errors.ts";
export type { Protocol } from "../../lib/rpc/protocol.ts";
export { GrpcError, type GrpcErrorOptions, GrpcStatus } from "../grpc/status.ts";
export type { Http1Limits, Http1Options } from "../http1/options.ts";
export type { CorsOptions } from "./cors.ts";
export type { ConnectLimits } from "./codec.ts";
export { connect, type ConnectOptions } from "./protocol.ts";
