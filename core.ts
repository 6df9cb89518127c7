/**
 * `createServer` and `createClient` without defaults: transport and protocols are given. Reaches no runtime, so it
 * bundles for browsers and edge runtimes.
 *
 * @module
 */
export type {
  Balancer,
  BalancerHost,
  ChannelState,
  Connectivity,
  PickCall,
  Picker,
  PickOutcome,
} from "./lib/discovery/balancer.ts";
export { createInstance, DEFAULT_WEIGHT, type Instance, type InstanceInit } from "./lib/discovery/instance.ts";
export type { Resolution, ResolutionSink, Resolver, ResolveTarget } from "./lib/discovery/resolver.ts";
export { staticResolver } from "./lib/discovery/static.ts";
export type { FallbackOptions } from "./lib/rpc/fallback.ts";
export type { Backoff } from "./lib/governance/backoff.ts";
export type { DialBackoff } from "./lib/governance/dial_backoff.ts";
export type { CallLimits } from "./lib/governance/call_limits.ts";
export type {
  BackupRetry,
  FailureRetry,
  MixedRetry,
  RetryCondition,
  RetryLimits,
  RetryPolicy,
} from "./lib/governance/retry_policy.ts";
export type { Compressor } from "./lib/compressor.ts";
export type { Clock } from "./lib/io/clock.ts";
export { describeEndpoint, parseTarget } from "./lib/io/endpoint.ts";
export { type ErrorKind, RpcError, type RpcErrorOptions } from "./lib/errors.ts";
export type {
  ClientTls,
  Dialing,
  DialOptions,
  Endpoint,
  ListenOptions,
  RawConn,
  RawListener,
  RawSink,
  ServerTls,
  TcpEndpoint,
  TlsState,
  Transport,
  UnixEndpoint,
} from "./lib/io/raw.ts";
export type {
  HttpBody,
  HttpFields,
  HttpHandler,
  HttpRequest,
  HttpResponse,
  OutgoingBody,
  OutgoingFields,
} from "./lib/http/message.ts";
export type { AsyncContext } from "./lib/rpc/async_context.ts";
export {
  type AbortListener,
  Call,
  type CallChange,
  type CallContext,
  type CallInit,
  type CallOptions,
  type CallRouter,
} from "./lib/rpc/call.ts";
export { Channel, channelOf, type SubchannelInfo } from "./lib/rpc/channel.ts";
export type { ChannelWatcher, WatchedSubchannel } from "./lib/rpc/channel_watcher.ts";
export {
  ConnectionCounter,
  type ConnectionCounts,
  type ConnectionEvent,
  type ConnectionReporter,
} from "./lib/rpc/connection_events.ts";
export { type ClientOptions, createClient } from "./lib/rpc/client.ts";
export type { CallDestination, CoreOptions } from "./lib/rpc/client_core.ts";
export type { Client, ClientHandle } from "./lib/rpc/client_methods.ts";
export { closeOnSignals } from "./lib/rpc/close_on_signals.ts";
export type { ConnectionsOptions } from "./lib/rpc/connections.ts";
export { createDirectClient, type DirectClientOptions } from "./lib/rpc/direct_client.ts";
export type { LifeCycleOptions, ServerRegistryInfo, ServerState } from "./lib/rpc/life_cycle.ts";
export type { RegisterOptions, Registration, Registry, RegistryInfo } from "./lib/discovery/registry.ts";
export type { Platform } from "./lib/platform.ts";
export { createLocalClient, type LocalClientOptions } from "./lib/rpc/local_client.ts";
export type { MethodEntry, MethodTable } from "./lib/rpc/method_table.ts";
export { Metadata, type MetadataFlusher, type MetadataInit } from "./lib/rpc/metadata.ts";
export { compose, type Handler, type Middleware, policy } from "./lib/rpc/middleware.ts";
export { PendingTable } from "./lib/rpc/pending_table.ts";
export type {
  ChannelPoolOptions,
  LongPoolOptions,
  MuxPoolOptions,
  PoolOptions,
  ShortPoolOptions,
} from "./lib/rpc/pool.ts";
export type {
  ClientProtocol,
  ClientSession,
  ConnectOptions,
  Pending,
  Protocol,
  ServerHost,
  ServerSession,
  WireStream,
} from "./lib/rpc/protocol.ts";
export type { WarmedUp, WarmUpOptions } from "./lib/rpc/warm_up.ts";
export { RunningServer, type ServerStats } from "./lib/rpc/running_server.ts";
export { createServer, type ListenTarget, Server, type ServerOptions, type ServiceOptions } from "./lib/rpc/server.ts";
export { type MessageStep, recv, send } from "./lib/rpc/stream/message_middleware.ts";
export { type Credit, MessageQueue, type QueueOwner } from "./lib/rpc/stream/message_queue.ts";
export type { PumpTarget } from "./lib/rpc/stream/pump.ts";
export { ServedStream, type ServedStreamInit } from "./lib/rpc/stream/served_stream.ts";
export type { MethodSchema, PayloadKind, ServiceSchema, Streaming, StreamMaker } from "./lib/schema/service.ts";
export type { Annotations, EnumSchema, FieldSchema, StructSchema, TypeSchema } from "./lib/schema/types.ts";
