/**
 * gRPC: `grpc()` is a protocol for servers and clients, over Protocol Buffers and Thrift services.
 *
 * @module
 */
export type { Compressor } from "../../lib/compressor.ts";
export { type ErrorKind, RpcError, type RpcErrorOptions } from "../../lib/errors.ts";
export type { Protocol } from "../../lib/rpc/protocol.ts";
export type { KeepaliveOptions, PingPolicy } from "../http2/keepalive.ts";
export type { Http2Options } from "../http2/options.ts";
export type { Limits } from "../thrift/limits.ts";
export { addChannelz, createChannelz } from "./channelz.ts";
export type { Channelz, ChannelzSocket, SocketRecorder } from "./channelz/recorder.ts";
export type { ChannelzOptions } from "./channelz/registry.ts";
export { type GrpcCodec, grpcJson, type ProtobufFormat, type ProtobufType, type ThriftFormat } from "./codecs.ts";
export { addHealth, Health, type ServingStatus } from "./health.ts";
export { decodeBinary, encodeBinary } from "./metadata.ts";
export { grpc, type GrpcOptions } from "./protocol.ts";
export { grpcResolvers } from "./targets.ts";
export {
  type IncomingRawRequest,
  RawGrpc,
  type RawGrpcClient,
  type RawRequest,
  type UnknownServiceHandler,
} from "./raw.ts";
export type { DnsResolverOptions } from "../../lib/discovery/dns.ts";
export type { Resolver } from "../../lib/discovery/resolver.ts";
export { addReflection } from "./reflection.ts";
export * from "./gen/google/rpc/error_details_pb.ts";
export { detailsOf, findDetails, type OutgoingDetail } from "../protobuf/status_details.ts";
export { errorWithDetails } from "./status_details.ts";
export { GrpcError, type GrpcErrorOptions, GrpcStatus, statusName, statusOf } from "./status.ts";
