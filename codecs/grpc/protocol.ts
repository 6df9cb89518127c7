/**
 * gRPC as a protocol of `lib/rpc`.
 *
 * @module
 */
import type { Compressor } from "../../lib/compressor.ts";
import { RpcError } from "../../lib/errors.ts";
import type { MethodTable } from "../../lib/rpc/method_table.ts";
import type { Protocol } from "../../lib/rpc/protocol.ts";
import { detectPreface } from "../http2/detect.ts";
import type { KeepaliveOptions, PingPolicy } from "../http2/keepalive.ts";
import type { LinkOptions } from "../http2/link.ts";
import type { Http2Options } from "../http2/options.ts";
import type { Limits } from "../thrift/limits.ts";
import { Bindings } from "./bindings.ts";
import { GrpcClientSession } from "./client_session.ts";
import { Compressors } from "./messages.ts";
import { RequestReader } from "./request.ts";
import { GrpcServerSession } from "./server_session.ts";
import type { GrpcWire } from "./wire.ts";

/** Options of `grpc`. */
export interface GrpcOptions {
  /** Bytes of the largest message taken, decompressed. Default 4 MiB, as everywhere in gRPC. */
  readonly maxReceiveBytes?: number | undefined;
  /** Limits on Thrift values. */
  readonly limits?: Partial<Limits> | undefined;
  /** Ways to compress, beside none. A peer may use any of them; without any, compressed messages are refused. */
  readonly compressors?: readonly Compressor[] | undefined;
  /** Name of the one that messages are sent with: a client's always, a server's to clients that take it. Default: none. */
  readonly compression?: string | undefined;
  /** Settings of HTTP/2. */
  readonly http2?: Http2Options | undefined;
  /** Client: `:authority` of requests. Default: the address dialled; Kitex sends the service's name. */
  readonly authority?: string | undefined;
  /** Client: begins `user-agent`. Default `updraft`. */
  readonly userAgent?: string | undefined;
  /** Pings to find dead peers. Default: a client sends none, a server after two hours of silence. */
  readonly keepalive?: KeepaliveOptions | undefined;
  /** Server: how often clients may ping. Default: every five minutes, while calls are under way. */
  readonly pingPolicy?: PingPolicy | undefined;
  /** Server: milliseconds after which a connection is told to go, give or take a tenth. Default: never. */
  readonly maxAgeMs?: number | undefined;
  /** Server: milliseconds it may then take to finish its calls. Default: any. */
  readonly maxAgeGraceMs?: number | undefined;
}

const USER_AGENT = "updraft";
const MAX_RECEIVE_BYTES = 4 * 1024 * 1024;
const TWO_HOURS_MS = 7_200_000;

/**
 * gRPC over HTTP/2: with prior knowledge, or by ALPN `h2`. It carries Protocol Buffers services, and Thrift services as Kitex
 * does, streams included. Throws an `RpcError` of kind `"invalid"` for a `compression` that is not among the `compressors`.
 */
export function grpc(options: GrpcOptions = {}): Protocol {
  const wire = wireOf(options);
  const requests = new WeakMap<MethodTable, RequestReader>();
  return {
    name: "grpc",
    payloads: ["protobuf", "thrift"],
    streams: true,
    sends: true,
    alpn: "h2",
    detect: detectPreface,
    serve(conn, host) {
      let reader = requests.get(host.methods);
      if (reader === undefined) requests.set(host.methods, reader = new RequestReader(host.methods, wire.bindings));
      return new GrpcServerSession(conn, host, wire, reader);
    },
    connect: (conn, _service, how = {}) => new GrpcClientSession(conn, wire, how),
  };
}

function wireOf(options: GrpcOptions): GrpcWire {
  const { maxReceiveBytes = MAX_RECEIVE_BYTES, compression, keepalive } = options;
  if (!(Number.isInteger(maxReceiveBytes) && maxReceiveBytes > 0 && maxReceiveBytes <= 0x7fff_ffff)) {
    throw new RpcError("invalid", `maxReceiveBytes ${maxReceiveBytes} is not 1 to ${0x7fff_ffff}`);
  }
  const compressors = new Compressors(options.compressors);
  if (compression !== undefined) compressors.get(compression);
  const http2: Http2Options = { spaceAllowed: true, ...options.http2 };
  const server: LinkOptions = {
    ...http2,
    keepalive: keepalive ?? { timeMs: TWO_HOURS_MS, withoutCalls: true },
    pingPolicy: options.pingPolicy ?? {},
    maxAgeMs: options.maxAgeMs,
    maxAgeGraceMs: options.maxAgeGraceMs,
  };
  return {
    bindings: new Bindings(options.limits),
    compressors,
    compression,
    maxReceiveBytes,
    server,
    client: { ...http2, initialMaxStreams: http2.initialMaxStreams ?? 0, keepalive },
    userAgent: options.userAgent === undefined ? USER_AGENT : `${options.userAgent} ${USER_AGENT}`,
    authority: options.authority,
  };
}
