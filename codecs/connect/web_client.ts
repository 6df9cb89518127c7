/**
 * A client over `fetch` for browsers, workers and everything else that has it: Connect or gRPC-Web.
 *
 * Browsers cannot send a request's content bit by bit and read its answer meanwhile, so calls whose caller streams fail at
 * once.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Call } from "../../lib/rpc/call.ts";
import type { Client } from "../../lib/rpc/client_methods.ts";
import { answerOf } from "../../lib/rpc/fetch_body.ts";
import { fetchClient, type FetchClientOptions, fetchTarget } from "../../lib/rpc/fetch_client.ts";
import type { ServiceSchema } from "../../lib/schema/service.ts";
import { asProtobufService, type ProtobufMethod, REQUEST } from "../protobuf/service.ts";
import { connectDialect } from "./client_connect.ts";
import type { ClientDialect, Exchange } from "./client_dialect.ts";
import { grpcWebDialect } from "./client_grpc_web.ts";
import { type CodecName, codecOf, type ConnectLimits, connectLimits } from "./codec.ts";
import { requestFields } from "./fields.ts";

/** Options of `createWebClient`. */
export interface ConnectClientOptions extends FetchClientOptions {
  /** URL that the service is below: `https://api.example.org`, with a path if there is one before `/package.Service`. */
  readonly to: string | URL;
  /** What is spoken. Default `"connect"`. */
  readonly protocol?: "connect" | "grpc-web" | undefined;
  /** Form of the messages; gRPC-Web has the binary one alone in most servers. Default `"proto"`. */
  readonly codec?: CodecName | undefined;
  /** Header fields added to every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Bytes of the largest message taken. Default 4 MiB. */
  readonly maxReceiveBytes?: number | undefined;
  /** Limits on what is in a message: `maxNested`, by default 1 Mi. */
  readonly limits?: Partial<ConnectLimits> | undefined;
  /** What to do with cookies and other credentials. Default: the browser's own, `"same-origin"`. */
  readonly credentials?: RequestCredentials | undefined;
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

const MAX_RECEIVE_BYTES = 4 * 1024 * 1024;

/**
 * Makes a client of a Protocol Buffers service over `fetch`. Methods whose caller streams reject with kind
 * `"unimplemented"`. Throws an `RpcError` of kind `"invalid"` if `to` is no http or https URL, or the service is of Thrift,
 * or for a limit that cannot be.
 */
export function createWebClient<C>(service: ServiceSchema<unknown, C>, options: ConnectClientOptions): Client<C> {
  const { fullName } = asProtobufService(service);
  const base = fetchTarget(options.to).href.replace(/\/$/, "");
  const dialect: ClientDialect = options.protocol === "grpc-web" ? grpcWebDialect : connectDialect;
  const { codec = "proto", maxReceiveBytes = MAX_RECEIVE_BYTES } = options;
  const limits = connectLimits(options.limits);
  const codecs = new Map<string, Pick<Exchange, "request" | "response">>();

  function exchangeOf(call: Call): Exchange {
    const method = call.method as ProtobufMethod;
    let known = codecs.get(method.name);
    if (known === undefined) {
      known = { request: codecOf(method.input, codec, limits), response: codecOf(method.output, codec, limits) };
      codecs.set(method.name, known);
    }
    return {
      ...known,
      call,
      codec,
      maxReceiveBytes,
      message: call.args[REQUEST],
      post: (contentType, fields, body) => post(`${base}/${fullName}/${method.name}`, call, contentType, fields, body),
    };
  }

  async function post(
    url: string,
    call: Call,
    contentType: string,
    fields: Readonly<Record<string, string>>,
    body: Uint8Array,
  ): Promise<Response> {
    const meta = call.metaIfAny;
    const own = meta === undefined ? [] : requestFields(meta);
    const headers = { ...options.headers, ...Object.fromEntries(own), ...fields, "content-type": contentType };
    const { credentials } = options;
    const init = { method: "POST", headers, body: body as Uint8Array<ArrayBuffer>, signal: call.signal };
    const send = options.fetch ?? fetch;
    return await answerOf(call, send(url, credentials === undefined ? init : { ...init, credentials }));
  }

  return fetchClient(service, options, {
    unary: (call) => dialect.unary(exchangeOf(call)),
    stream: (call) => dialect.stream(exchangeOf(call)),
    refuse: ({ name }) =>
      new RpcError("unimplemented", `${name} has a caller that streams, which fetch cannot carry in browsers`),
  });
}
