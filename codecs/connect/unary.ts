/**
 * One call of Connect whose content is its message: POST, or GET for methods that only read.
 *
 * Spec: connectrpc.com/docs/protocol, "Unary RPCs".
 *
 * @module
 */
import type { Compressor } from "../../lib/compressor.ts";
import { RpcError } from "../../lib/errors.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http/message.ts";
import type { Metadata } from "../../lib/rpc/metadata.ts";
import type { ServerHost, WireStream } from "../../lib/rpc/protocol.ts";
import { ServedStream } from "../../lib/rpc/stream/served_stream.ts";
import { statusOf } from "../grpc/status.ts";
import type { CodecName } from "./codec.ts";
import { httpStatusOf } from "./code.ts";
import { inflate, worthCompressing } from "./compression.ts";
import { errorJson } from "./error_json.ts";
import { requestMetadata, responseFields } from "./fields.ts";
import { readMessage, type UnaryRequest } from "./unary_request.ts";
import type { Route } from "./route.ts";
import { connectDeadline } from "./timeout.ts";
import type { ConnectWire } from "./wire.ts";

/** Answers one call. Never rejects. */
export async function serveUnary(
  request: HttpRequest,
  host: ServerHost,
  route: Route,
  unary: UnaryRequest,
  wire: ConnectWire,
): Promise<HttpResponse> {
  const meta = requestMetadata(request.headers);
  try {
    const deadline = connectDeadline(request.headers, host.wheel.clock);
    const compressor = wire.compression.find(unary.encoding);
    let bytes = await readMessage(unary, request.body, wire.maxReceiveBytes);
    const compressed = compressor !== undefined && bytes.length > 0;
    if (compressed) bytes = inflate(compressor, bytes, wire.maxReceiveBytes);
    const message = route.codecs[unary.codec].request.decode(bytes);
    if (compressed) meta.noteCompressed(message);
    return await run(request, host, route, unary.codec, { deadline, meta, message, size: bytes.length }, wire);
  } catch (reason) {
    const error = RpcError.from(reason, "internal");
    host.refused(error);
    return errorResponse(error, undefined);
  }
}

/** A call as its request has it. */
interface Asked {
  readonly deadline: number;
  readonly meta: Metadata;
  readonly message: unknown;
  readonly size: number;
}

function run(
  request: HttpRequest,
  host: ServerHost,
  route: Route,
  codec: CodecName,
  asked: Asked,
  { compression }: ConnectWire,
): Promise<HttpResponse> {
  const { deadline, meta, message, size } = asked;
  return new Promise((resolve) => {
    let bytes: Uint8Array = new Uint8Array();
    const wire: WireStream = {
      send(message) {
        bytes = encodeAnswer(route, codec, message);
      },
      end: () =>
        resolve(answered(codec, bytes, meta, () => compression.choose(request.headers.get("accept-encoding"), meta))),
      fail: (error) => resolve(errorResponse(error, meta)),
      consumed: () => {},
    };
    const { signal } = request;
    const cancel = (): void => served.cancel(RpcError.from(signal.reason, "canceled"));
    const served = new ServedStream(host, route.entry, { deadline, meta, peer: request.peer }, wire, () => {
      signal.removeEventListener("abort", cancel);
      // Without effect after an answer; a caller that is gone gets none, but its place is to be freed.
      resolve({ status: 499 });
    });
    signal.addEventListener("abort", cancel, { once: true });
    served.start();
    if (signal.aborted) return cancel();
    served.push(message, size);
    served.end();
  });
}

/** The bytes of a handler's answer. Throws an `RpcError` of kind `"internal"`: it is not the caller who is wrong. */
export function encodeAnswer(route: Route, codec: CodecName, message: unknown): Uint8Array {
  try {
    return route.codecs[codec].response.encode(message);
  } catch (cause) {
    const name = `${route.entry.service.name}.${route.method.name}`;
    throw new RpcError("internal", `answer of ${name}: ${RpcError.from(cause).message}`, { cause });
  }
}

/** The answer of a call that went well. Throws an `RpcError` of kind `"internal"` for metadata that cannot be sent. */
function answered(
  codec: CodecName,
  bytes: Uint8Array,
  meta: Metadata,
  choose: () => Compressor | undefined,
): HttpResponse {
  try {
    const headers = [["content-type", `application/${codec}`] as const, ...metadataFields(meta)];
    const compressor = worthCompressing(bytes.length, meta) ? choose() : undefined;
    if (compressor === undefined) return { headers, body: bytes };
    return { headers: [...headers, ["content-encoding", compressor.name]], body: compressor.compress(bytes) };
  } catch (cause) {
    throw new RpcError("internal", RpcError.from(cause).message, { cause });
  }
}

/** The answer that tells of an error; without metadata if those cannot be sent. */
export function errorResponse(error: RpcError, meta: Metadata | undefined): HttpResponse {
  const headers = [["content-type", "application/json"] as const];
  try {
    if (meta !== undefined) headers.push(...metadataFields(meta) as typeof headers);
  } catch {
    return errorResponse(error, undefined);
  }
  return { status: httpStatusOf(statusOf(error)), headers, body: JSON.stringify(errorJson(error)) };
}

/** Headers and trailers: these have a prefix, since they go together. */
function metadataFields(meta: Metadata): (readonly [string, string])[] {
  const trailers = meta.hasTrailers ? responseFields(meta.trailers) : [];
  const headers = meta.hasBackward ? responseFields(meta.backward) : [];
  return [...headers, ...trailers.map(([name, value]) => [`trailer-${name}`, value] as const)];
}
