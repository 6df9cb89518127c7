/**
 * HTTP/1.1: `http1()` serves requests as one of a server's protocols, by the same handlers as `http2()`.
 *
 * @module
 */
export { type ErrorKind, RpcError, type RpcErrorOptions } from "../../lib/errors.ts";
export { FieldList } from "../../lib/http/fields.ts";
export type {
  HttpBody,
  HttpFields,
  HttpHandler,
  HttpRequest,
  HttpResponse,
  OutgoingBody,
  OutgoingFields,
} from "../../lib/http/message.ts";
export { detectHttp1 } from "./detect.ts";
export { HttpFault } from "./fault.ts";
export type { Http1Limits, Http1Options } from "./options.ts";
export { http1, type Http1ServerOptions } from "./protocol.ts";
