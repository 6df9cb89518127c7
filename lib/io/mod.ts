/**
 * The network layer by itself: connections with Netpoll's Reader and Writer, or with a protocol's handler, over any
 * transport; an event loop that serves them; timers and memory they share.
 *
 * @module
 */
export { type ErrorKind, RpcError, type RpcErrorOptions } from "../errors.ts";
export { BufferPool, type BufferPoolOptions } from "./buffer_pool.ts";
export { type Clock, systemClock } from "./clock.ts";
export { BufferedConnection } from "./buffered_connection.ts";
export { Connection } from "./connection.ts";
export type { ConnectionHandler, InputHandler, PullHandler } from "./connection_handler.ts";
export type { ConnectionOptions } from "./connection_options.ts";
export { type EventHandlers, EventLoop, type ShutdownOptions } from "./event_loop.ts";
export { LinkBuffer } from "./link_buffer.ts";
export { LinkNode } from "./link_node.ts";
export type {
  ClientTls,
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
} from "./raw.ts";
export { ReadBuffer } from "./read_buffer.ts";
export type { Reader, ReadOptions, UntilOptions } from "./reader.ts";
export { type Timer, TimerWheel } from "./timer_wheel.ts";
export { WriteBuffer } from "./write_buffer.ts";
export type { Writer } from "./writer.ts";
