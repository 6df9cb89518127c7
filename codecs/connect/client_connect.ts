/**
 * Connect over `fetch`.
 *
 * Spec: connectrpc.com/docs/protocol.
 *
 * @module
 */
import { chunksOf } from "../../lib/rpc/fetch_body.ts";
import { GrpcError, GrpcStatus, statusOfHttp } from "../grpc/status.ts";
import { type ClientDialect, contentOf, type Exchange, foreignAnswer, timeLeft } from "./client_dialect.ts";
import { envelopesOf } from "./client_envelopes.ts";
import { END_STREAM, envelope } from "./envelope.ts";
import { errorOf, parseJson } from "./error_json.ts";
import { type Pair, takeFields } from "./fields.ts";

/** Connect. */
export const connectDialect: ClientDialect = { unary, stream };

const TRAILER = "trailer-";

async function unary(exchange: Exchange): Promise<unknown> {
  const { call, codec } = exchange;
  const type = `application/${codec}`;
  const response = await exchange.post(type, fieldsOf(exchange), exchange.request.encode(exchange.message));
  const fields = [...response.headers] as Pair[];
  takeFields(fields.filter(([name]) => !name.startsWith(TRAILER)), call.meta.backward);
  const trailers = fields.filter(([name]) => name.startsWith(TRAILER));
  takeFields(trailers.map(([name, value]): Pair => [name.slice(TRAILER.length), value]), call.meta.trailers);
  if (response.status !== 200) throw await failure(response, exchange);
  if (typeOf(response) !== type) throw foreignAnswer(response, GrpcStatus.UNKNOWN);
  return exchange.response.decode(await contentOf(response, exchange));
}

async function* stream(exchange: Exchange): AsyncGenerator<unknown> {
  const { call, codec, maxReceiveBytes } = exchange;
  const type = `application/connect+${codec}`;
  const body = envelope(0, exchange.request.encode(exchange.message));
  const response = await exchange.post(type, fieldsOf(exchange), body);
  takeFields([...response.headers] as Pair[], call.meta.backward);
  if (response.status !== 200) throw foreignAnswer(response, statusOfHttp(response.status));
  if (typeOf(response) !== type) throw foreignAnswer(response, GrpcStatus.UNKNOWN);
  for await (const { flags, message } of envelopesOf(chunksOf(response, call), maxReceiveBytes)) {
    if ((flags & END_STREAM) !== 0) return ended(message, exchange);
    if (flags !== 0) throw new GrpcError(GrpcStatus.INTERNAL, `unexpected flags ${flags} of a message`);
    yield exchange.response.decode(message);
  }
  throw new GrpcError(GrpcStatus.INTERNAL, "the answer has no end");
}

function fieldsOf({ call }: Exchange): Record<string, string> {
  const ms = timeLeft(call);
  return { "connect-protocol-version": "1", ...(ms === undefined ? {} : { "connect-timeout-ms": String(ms) }) };
}

function typeOf(response: Response): string {
  return (response.headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
}

async function failure(response: Response, exchange: Exchange): Promise<Error> {
  const status = statusOfHttp(response.status);
  if (typeOf(response) !== "application/json") return foreignAnswer(response, status);
  const text = new TextDecoder().decode(await contentOf(response, exchange));
  return errorOf(parseJson(text), status);
}

/** Reads the last envelope; throws the error in it. */
function ended(message: Uint8Array, { call }: Exchange): void {
  const { error, metadata } = (parseJson(new TextDecoder().decode(message)) ?? {}) as Record<string, unknown>;
  for (const [name, values] of Object.entries(metadata ?? {})) {
    if (Array.isArray(values)) takeFields(values.map((value): Pair => [name, String(value)]), call.meta.trailers);
  }
  if (error !== undefined && error !== null) throw errorOf(error, GrpcStatus.UNKNOWN);
}
