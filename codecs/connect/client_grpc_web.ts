/**
 * gRPC-Web over `fetch`, in its binary form.
 *
 * @module
 */
import { chunksOf } from "../../lib/rpc/fetch_body.ts";
import { outcomeOf } from "../grpc/response.ts";
import { GrpcError, GrpcStatus, statusOfHttp } from "../grpc/status.ts";
import { encodeTimeout } from "../grpc/timeout.ts";
import { HeaderList } from "../http2/header_list.ts";
import { type ClientDialect, type Exchange, foreignAnswer, onlyOne, timeLeft } from "./client_dialect.ts";
import { envelopesOf } from "./client_envelopes.ts";
import { envelope, TRAILERS } from "./envelope.ts";
import { type Pair, takeFields } from "./fields.ts";

/** gRPC-Web. */
export const grpcWebDialect: ClientDialect = { unary: (exchange) => onlyOne(stream(exchange)), stream };

async function* stream(exchange: Exchange): AsyncGenerator<unknown> {
  const { call, codec, maxReceiveBytes } = exchange;
  const ms = timeLeft(call);
  const fields = { "x-grpc-web": "1", ...(ms === undefined ? {} : { "grpc-timeout": encodeTimeout(ms) }) };
  const body = envelope(0, exchange.request.encode(exchange.message));
  const response = await exchange.post(`application/grpc-web+${codec}`, fields, body);
  takeFields([...response.headers] as Pair[], call.meta.backward);
  const type = response.headers.get("content-type") ?? "";
  if (response.status !== 200 || !type.startsWith("application/grpc-web")) {
    throw foreignAnswer(response, response.status === 200 ? GrpcStatus.UNKNOWN : statusOfHttp(response.status));
  }
  const known = response.headers.get("grpc-status");
  if (known !== null) finish([...response.headers] as Pair[], exchange);
  for await (const { flags, message } of envelopesOf(chunksOf(response, call), maxReceiveBytes)) {
    if ((flags & TRAILERS) !== 0) return finish(pairsIn(new TextDecoder().decode(message)), exchange);
    if (flags !== 0) throw new GrpcError(GrpcStatus.INTERNAL, `unexpected flags ${flags} of a message`);
    yield exchange.response.decode(message);
  }
  if (known === null) throw new GrpcError(GrpcStatus.INTERNAL, "the answer has no trailers");
}

function pairsIn(text: string): Pair[] {
  return text.split("\r\n").filter((line) => line.includes(":")).map((line): Pair => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
}

/** Takes trailers; throws the error in them. */
function finish(pairs: readonly Pair[], { call }: Exchange): void {
  const list = new HeaderList();
  for (const [name, value] of pairs) list.push(name, value, 0, false);
  takeFields(pairs, call.meta.trailers);
  const error = outcomeOf(list);
  if (error !== undefined) throw error;
}
