/**
 * HTTP/2: `http2()` serves requests as one of a server's protocols, `connectHttp2` makes them. Under both is a pure state
 * machine, `Http2Connection`; frames and HPACK can be used by themselves.
 *
 * @module
 */
export { type ErrorKind, RpcError, type RpcErrorOptions } from "../../lib/errors.ts";
export { WriteBuffer } from "../../lib/io/write_buffer.ts";
export { ByteQueue } from "../../lib/io/byte_queue.ts";
export { Http2Connection, type Http2Stats } from "./connection.ts";
export { detectPreface } from "./detect.ts";
export { ErrorCode, errorName, Http2Error } from "./errors.ts";
export { Mark } from "./field.ts";
export { decodeFrame, Flag, Frame, frameBytes, FrameType, PREFACE } from "./frame.ts";
export type { Http2Handler } from "./handler.ts";
export { HeaderList } from "./header_list.ts";
export { HpackDecoder, type HpackDecoderOptions } from "./hpack/decoder.ts";
export { HpackEncoder } from "./hpack/encoder.ts";
export {
  connectHttp2,
  type Http2Client,
  type Http2ClientOptions,
  type Http2ClientResponse,
  type Http2RequestInit,
} from "./http_client.ts";
export { http2, type Http2ServerOptions } from "./http_server.ts";
export type { Http2Request, Http2RequestHandler, Http2Response } from "./serve_exchange.ts";
export { type BodySource, IncomingBody } from "../../lib/http/incoming_body.ts";
export type {
  HttpBody,
  HttpFields,
  HttpHandler,
  HttpRequest,
  HttpResponse,
  OutgoingBody,
  OutgoingFields,
} from "../../lib/http/message.ts";
export type { KeepaliveOptions, PingPolicy } from "./keepalive.ts";
export type { LifetimeOptions } from "./lifetime.ts";
export type { LinkOptions } from "./link.ts";
export type { Http2Options } from "./options.ts";
export type { ReceiveWindow } from "./receive_window.ts";
export type { Http2Output } from "./sender.ts";
export type { Settings } from "./settings.ts";
export type { Http2Stream, StreamState } from "./stream.ts";
