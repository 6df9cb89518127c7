/**
 * Clients for browsers, workers and everything else that has `fetch`: Thrift messages in HTTP requests, as Apache's
 * HTTP transport sends them. For Protocol Buffers services there is `@updraft/rpc/connect-web`.
 *
 * @module
 */
import { settleAnswer } from "./codecs/message/answer.ts";
import { Bindings } from "./codecs/message/bindings.ts";
import { NO_HEAD } from "./codecs/message/frame_head.ts";
import { withDefaults } from "./codecs/thrift/limits.ts";
import { type MessageHeader, MessageType } from "./codecs/thrift/payload.ts";
import { payloadOf } from "./codecs/thrift/payload_of.ts";
import type { ThriftProtocolOptions } from "./codecs/thrift/protocol.ts";
import { RpcError } from "./lib/errors.ts";
import { ReadBuffer } from "./lib/io/read_buffer.ts";
import { WriteBuffer } from "./lib/io/write_buffer.ts";
import type { Call } from "./lib/rpc/call.ts";
import type { Client } from "./lib/rpc/client_methods.ts";
import { answerOf, contentOf } from "./lib/rpc/fetch_body.ts";
import { fetchClient, type FetchClientOptions, fetchTarget } from "./lib/rpc/fetch_client.ts";
import type { ServiceSchema } from "./lib/schema/service.ts";

export { Metadata, type MetadataInit } from "./lib/rpc/metadata.ts";
export type { FetchClientOptions } from "./lib/rpc/fetch_client.ts";
export { type ErrorKind, RpcError, type RpcErrorOptions } from "./lib/errors.ts";
export type { Call, CallContext, CallOptions } from "./lib/rpc/call.ts";
export type { Client, ClientHandle } from "./lib/rpc/client_methods.ts";
export type { Handler, Middleware } from "./lib/rpc/middleware.ts";

/** Options of the `fetch` client. */
export interface WebClientOptions
  extends FetchClientOptions, Pick<ThriftProtocolOptions, "payload" | "acceptOld" | "limits" | "emptyResult"> {
  /** URL that messages are posted to. */
  readonly to: string | URL;
  /** Header fields added to every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * Makes a client of a service over `fetch`. A call's `to` option is not used.
 * Throws an `RpcError` of kind `"invalid"` if `to` is no http or https URL.
 */
export function createClient<C>(service: ServiceSchema<unknown, C>, options: WebClientOptions): Client<C> {
  return fetchClient(service, options, {
    unary: messageExchange(fetchTarget(options.to), options),
    refuse: ({ name }) =>
      new RpcError("unimplemented", `${name} streams, which HTTP requests of Thrift messages cannot carry`),
  });
}

function messageExchange(url: URL, options: WebClientOptions): (call: Call) => Promise<unknown> {
  const limits = withDefaults(options.limits);
  const payload = payloadOf(options, limits);
  const bindings = new Bindings(payload);
  const contentType = `application/vnd.apache.thrift.${payload.name}`;
  const headers = { ...options.headers, "content-type": contentType, accept: contentType };
  const send = options.fetch ?? fetch;
  const rejectEmpty = options.emptyResult !== "undefined";

  return async (call) => {
    const binding = bindings.of(call.method);
    const out = new WriteBuffer(1024);
    payload.writeMessageBegin(out, binding.name, call.method.oneway ? MessageType.ONEWAY : MessageType.CALL, 1);
    binding.args.encode(out, call.args);
    payload.writeMessageEnd(out);
    const body = out.bytes.slice(0, out.pos);
    const response = await answerOf(call, send(url, { method: "POST", headers, body, signal: call.signal }));
    const bytes = await contentOf(response, call, limits.maxMessageBytes, () => {
      return new RpcError("protocol", `response of over ${limits.maxMessageBytes} bytes`);
    });
    if (!response.ok) throw statusError(response.status, url);
    if (call.method.oneway) return undefined;
    const reader = new ReadBuffer().reset(bytes);
    const header: MessageHeader = { type: 0, seqid: 0, nameStart: 0, nameEnd: 0 };
    payload.readMessageBegin(reader, header);
    return await new Promise((resolve, reject) => {
      settleAnswer(bindings, reader, header, NO_HEAD, { call, resolve, reject }, rejectEmpty);
    });
  };
}

function statusError(status: number, url: URL): RpcError {
  const text = `${url.host} answered with HTTP status ${status}`;
  if (status === 404 || status === 405) return new RpcError("unimplemented", text, { remote: true });
  if (status === 401 || status === 403) return new RpcError("forbidden", text, { remote: true });
  if (status === 429) return new RpcError("overload", text, { remote: true });
  if (status === 502 || status === 503 || status === 504) return new RpcError("unavailable", text, { remote: true });
  return new RpcError("internal", text, { remote: true });
}
