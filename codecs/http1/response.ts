/**
 * The head of a response, and how its content is delimited.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { type HttpResponse, type OutgoingFields, pairsOf } from "../../lib/http/message.ts";
import type { RequestHead } from "./head.ts";

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  204: "No Content",
  304: "Not Modified",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  417: "Expectation Failed",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
};
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What says how a message is delimited is decided here. */
const OWN = new Set(["connection", "keep-alive", "transfer-encoding", "content-length", "upgrade"]);

/** How a response is to be written. */
export interface ResponsePlan {
  /** The head, as it goes on the wire. */
  readonly head: string;
  /** How its content goes: not at all, as it is, or in chunks. */
  readonly content: "none" | "plain" | "chunked";
  /** True if the connection carries another request afterwards. */
  readonly keepAlive: boolean;
}

/** Plans the answer to `request`. Throws an `RpcError` of kind `"invalid"` for what cannot be sent. */
export function planResponse(request: RequestHead, response: HttpResponse, mayKeep: boolean, date: Date): ResponsePlan {
  const { status = 200, body, trailers } = response;
  if (!(Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw new RpcError("invalid", `status ${status} is not 200 to 599`);
  }
  let head = `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n`;
  let length: string | undefined;
  let dated = false;
  let keepAlive = mayKeep && request.keepAlive;
  for (const [name, value] of pairsOf(response.headers ?? [])) {
    checkField(name, value);
    if (name === "connection" && value.toLowerCase() === "close") keepAlive = false;
    if (name === "content-length") length = value;
    if (name === "date") dated = true;
    if (!OWN.has(name)) head += `${name}: ${value}\r\n`;
  }
  if (!dated) head += `date: ${date.toUTCString()}\r\n`;
  const bare = status === 204 || status === 304;
  let content: ResponsePlan["content"] = "plain";
  if (bare) content = "none";
  else if (body === undefined && trailers === undefined) {
    head += `content-length: ${request.method === "HEAD" && length !== undefined ? length : "0"}\r\n`;
    content = "none";
  } else if ((typeof body === "string" || body instanceof Uint8Array) && trailers === undefined) {
    head += `content-length: ${byteLength(body)}\r\n`;
  } else if (request.minor === 1) {
    head += "transfer-encoding: chunked\r\n";
    content = "chunked";
  } else keepAlive = false; // the end of the connection is the end of the content
  if (request.method === "HEAD") content = "none";
  if (!keepAlive) head += "connection: close\r\n";
  else if (request.minor === 0) head += "connection: keep-alive\r\n";
  return { head: `${head}\r\n`, content, keepAlive };
}

/** Trailers as they go on the wire, the last line included. */
export function trailerText(trailers: OutgoingFields = []): string {
  let text = "";
  for (const [name, value] of pairsOf(trailers)) {
    checkField(name, value);
    if (!OWN.has(name)) text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}

function checkField(name: string, value: string): void {
  if (!NAME.test(name)) throw new RpcError("invalid", `${JSON.stringify(name)} is no field name in lower case`);
  if (!VALUE.test(value)) throw new RpcError("invalid", `field ${name} has a character that cannot be sent`);
}

function byteLength(body: string | Uint8Array): number {
  return typeof body === "string" ? new TextEncoder().encode(body).length : body.length;
}
