/**
 * gRPC as a protocol of `lib/rpc`.
 *
 * @module
 */
import type { Compressor } from "../../lib/compressor.ts";
import { RpcError } from "../../lib/errors.ts";
import { DIAL_BACKOFF } from "../../lib/governance/dial_backoff.ts";
import { checkNumbers } from "../../lib/rpc/check_numbers.ts";
import type { Protocol, ServerHost } from "../../lib/rpc/protocol.ts";
import { detectPreface } from "../http2/detect.ts";
import type { KeepaliveOptions, PingPolicy } from "../http2/keepalive.ts";
import type { LinkOptions } from "../http2/link.ts";
import type { Http2Options } from "../http2/options.ts";
import type { Limits } from "../thrift/limits.ts";
import { Bindings } from "./bindings.ts";
import type { Channelz } from "./channelz/recorder.ts";
import { GrpcClientSession } from "./client_session.ts";
import { checkCodecs, Forms, type GrpcCodec } from "./codecs.ts";
import { Compressors, IDENTITY } from "./compressors.ts";
import { type RawMethod, rawRequestOf, type UnknownServiceHandler } from "./raw.ts";
import { RequestReader } from "./request.ts";
import { GrpcServerSession, type Served } from "./server_session.ts";
import { grpcResolvers } from "./targets.ts";
import type { GrpcWire } from "./wire.ts";

/** Options of `grpc`. */
export interface GrpcOptions {
  /** Bytes of the largest message taken, decompressed. Default 4 MiB, as everywhere in gRPC. */
  readonly maxReceiveBytes?: number | undefined;
  /** Limits on Thrift values; `maxNested`, by default 1 Mi, on messages of Protocol Buffers too. */
  readonly limits?: Partial<Limits> | undefined;
  /** Bytes of the largest message sent, compressed. Default 2 GiB, the most that a message can have. */
  readonly maxSendBytes?: number | undefined;
  /**
   * Client: the form of its messages, beside gRPC's own: `grpcJson()`. A server reads it too. Default: Protocol Buffers, and
   * Binary of Thrift.
   */
  readonly codec?: GrpcCodec | undefined;
  /** Server: further forms of messages, which it answers in the form of the request. Default: none. */
  readonly codecs?: readonly GrpcCodec[] | undefined;
  /** Ways to compress that a peer may use. Default: those of the client or server, in the front door the runtime's gzip. */
  readonly compressors?: readonly Compressor[] | undefined;
  /**
   * Name of the one that messages are sent with: a client's always, a server's to clients that take it. Default: none. A
   * call's `meta.compression` goes before it.
   */
  readonly compression?: string | undefined;
  /**
   * Client: names of those that servers may answer with, told them as `grpc-accept-encoding`. Default: what `compressors` and
   * `compression` name, else nothing, since some servers (Kitex's) compress whenever they may.
   */
  readonly accept?: readonly string[] | undefined;
  /**
   * Server: answers calls of methods that no service of the server has, inside the server's middleware. Default: they are
   * answered with UNIMPLEMENTED.
   */
  readonly unknownService?: UnknownServiceHandler | undefined;
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
  /** Server: milliseconds without a call after which a connection is told to go. Default: never. */
  readonly maxIdleMs?: number | undefined;
  /** Server: milliseconds after which a connection is told to go, give or take a tenth. Default: never. */
  readonly maxAgeMs?: number | undefined;
  /** Server: milliseconds it may then take to finish its calls. Default: any. */
  readonly maxAgeGraceMs?: number | undefined;
  /** What `addChannelz` tells of: `createChannelz()`. Servers and clients may share one. Default: nothing is counted. */
  readonly channelz?: Channelz | undefined;
}

const USER_AGENT = "updraft";
const MAX_RECEIVE_BYTES = 4 * 1024 * 1024;
/** No message's length can be above. */
const MAX_BYTES = 0x7fff_ffff;
/** How a server finds dead clients unless told otherwise (grpc-go's, as Kitex). */
export const SERVER_KEEPALIVE = { timeMs: 7_200_000, withoutCalls: true } as const;

/**
 * gRPC over HTTP/2: with prior knowledge, or by ALPN `h2`. It carries Protocol Buffers services, and Thrift services as Kitex
 * does, streams included. Throws an `RpcError` of kind `"invalid"` for a `compression` that is not among the `compressors`, if
 * those are given, and for codecs whose names cannot be used.
 */
export function grpc(options: GrpcOptions = {}): Protocol {
  const wire = wireOf(options);
  const { channelz } = wire;
  const served = new WeakMap<ServerHost, Served>();
  return {
    name: "grpc",
    payloads: ["protobuf", "thrift", "raw"],
    streams: true,
    sends: true,
    alpn: "h2",
    servesUnknown: options.unknownService !== undefined,
    pool: { type: "channel" },
    resolvers: (lookup) => grpcResolvers({ lookup }),
    detect: detectPreface,
    serve(conn, host) {
      let shared = served.get(host);
      if (shared === undefined) served.set(host, shared = servedOf(wire, host, options.unknownService));
      return new GrpcServerSession(conn, host, wire, shared);
    },
    connect: (conn, _service, how = {}) => new GrpcClientSession(conn, wire, how),
    ...(channelz === undefined ? {} : {
      watchClient: () => channelz.watchClient(),
      watchServer: (server, host) => channelz.watchServer(server, host),
    }),
  };
}

function servedOf(wire: GrpcWire, host: ServerHost, unknown: UnknownServiceHandler | undefined): Served {
  const compressors = new Compressors(wire.compressors ?? host.compressors);
  const handler = unknown === undefined ? undefined : host.wrap(
    (call) => unknown(rawRequestOf(call.method as RawMethod, call.args), call),
  );
  return { compressors, requests: new RequestReader(host.methods, wire.bindings, compressors, wire.forms, handler) };
}

function wireOf(options: GrpcOptions): GrpcWire {
  const { maxReceiveBytes = MAX_RECEIVE_BYTES, maxSendBytes = MAX_BYTES, compressors, compression } = options;
  checkBytes("maxReceiveBytes", maxReceiveBytes);
  checkBytes("maxSendBytes", maxSendBytes);
  const { timeMs, timeoutMs } = options.keepalive ?? {};
  const pings = { "keepalive.timeMs": timeMs, "keepalive.timeoutMs": timeoutMs };
  checkNumbers(pings, ["keepalive.timeMs", "keepalive.timeoutMs"], 1);
  checkNumbers(options, ["maxIdleMs", "maxAgeMs", "maxAgeGraceMs"]);
  const codecs = [...new Set([...options.codecs ?? [], ...(options.codec === undefined ? [] : [options.codec])])];
  checkCodecs(codecs);
  if (compressors !== undefined) new Compressors(compressors).choose(undefined, compression);
  const http2: Http2Options = { spaceAllowed: true, ...options.http2 };
  const server: LinkOptions = {
    ...http2,
    keepalive: options.keepalive ?? SERVER_KEEPALIVE,
    pingPolicy: options.pingPolicy ?? {},
    maxIdleMs: options.maxIdleMs,
    maxAgeMs: options.maxAgeMs,
    maxAgeGraceMs: options.maxAgeGraceMs,
  };
  return {
    bindings: new Bindings(options.limits),
    codec: options.codec,
    forms: new Forms(codecs),
    compressors,
    compression,
    accept: acceptOf(options),
    maxReceiveBytes,
    maxSendBytes,
    server,
    client: {
      ...http2,
      initialMaxStreams: http2.initialMaxStreams ?? 0,
      prefaceTimeoutMs: http2.prefaceTimeoutMs ?? DIAL_BACKOFF.minConnectTimeoutMs,
      keepalive: options.keepalive,
    },
    userAgent: options.userAgent === undefined ? USER_AGENT : `${options.userAgent} ${USER_AGENT}`,
    authority: options.authority,
    channelz: options.channelz,
  };
}

function acceptOf({ accept, compressors = [], compression }: GrpcOptions): string | undefined {
  const names = accept ?? [...compressors.map(({ name }) => name), ...(compression === undefined ? [] : [compression])];
  const others = [...new Set(names)].filter((name) => name !== IDENTITY);
  return others.length === 0 ? undefined : [IDENTITY, ...others].join(",");
}

function checkBytes(name: string, bytes: number): void {
  if (Number.isInteger(bytes) && bytes > 0 && bytes <= MAX_BYTES) return;
  throw new RpcError("invalid", `${name} ${bytes} is not 1 to ${MAX_BYTES}`);
}
