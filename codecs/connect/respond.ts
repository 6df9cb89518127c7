/**
 * Which call a request makes, and what it is answered with that makes none.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { type HttpRequest, type HttpResponse, pairsOf } from "../../lib/http/message.ts";
import type { ServerHost } from "../../lib/rpc/protocol.ts";
import type { Cors } from "./cors.ts";
import { CONTENT_TYPES, type Kind, kindOf } from "./kinds.ts";
import type { Route, Routes } from "./route.ts";
import { serveStreamed } from "./streamed.ts";
import { errorResponse, serveUnary } from "./unary.ts";
import { readQuery } from "./unary_request.ts";
import type { ConnectWire } from "./wire.ts";

/** Answers a request; `undefined` for one that is neither for a method that is served nor of a content type of ours. */
export function respond(
  request: HttpRequest,
  host: ServerHost,
  routes: Routes,
  wire: ConnectWire,
  cors: Cors | undefined,
): HttpResponse | Promise<HttpResponse> | undefined {
  const { method, path, headers } = request;
  const query = path.indexOf("?");
  const route = routes.find(query < 0 ? path : path.slice(0, query));
  const kind = kindOf(headers.get("content-type") ?? "");
  if (route === undefined && kind === undefined) return undefined;
  if (method === "OPTIONS" && cors !== undefined) return cors.preflight(request);
  const response = route === undefined
    ? plain(404, `no such method: ${path.slice(0, 200)}`)
    : call(request, host, route, kind, wire);
  if (cors === undefined) return response;
  const fields = cors.fields(request);
  const marked = (response: HttpResponse): HttpResponse => ({
    ...response,
    headers: [...pairsOf(response.headers ?? []), ...fields],
  });
  return response instanceof Promise ? response.then(marked) : marked(response);
}

function call(
  request: HttpRequest,
  host: ServerHost,
  route: Route,
  kind: Kind | undefined,
  wire: ConnectWire,
): HttpResponse | Promise<HttpResponse> {
  const { method, headers } = request;
  if (method === "GET" && route.safe) {
    try {
      return serveUnary(request, host, route, readQuery(request), wire);
    } catch (reason) {
      const error = RpcError.from(reason);
      host.refused(error);
      return errorResponse(error, undefined);
    }
  }
  if (method !== "POST") {
    return plain(405, `${method} cannot call ${route.method.name}`, ["allow", route.safe ? "POST, GET" : "POST"]);
  }
  const type = headers.get("content-type") ?? "";
  if (kind === undefined && type.startsWith("application/grpc") && !type.startsWith("application/grpc-web")) {
    return plain(
      415,
      "gRPC ends with HTTP trailers, which this way of serving has not: it needs HTTP/2 and the protocol grpc()",
    );
  }
  const streams = route.method.streaming !== "unary";
  if (kind === undefined || (kind.dialect === "unary" && streams) || (kind.dialect === "stream" && !streams)) {
    return plain(415, `${route.method.name} cannot be called with ${type.slice(0, 100)}`, [
      "accept-post",
      CONTENT_TYPES,
    ]);
  }
  const version = headers.get("connect-protocol-version");
  if (kind.dialect !== "unary") return serveStreamed(request, host, route, kind, wire);
  if (version !== undefined && version !== "1") return plain(400, "unknown version of Connect");
  const encoding = headers.get("content-encoding");
  return serveUnary(request, host, route, { codec: kind.codec, encoding, message: undefined }, wire);
}

function plain(status: number, text: string, ...fields: (readonly [string, string])[]): HttpResponse {
  return { status, headers: [["content-type", "text/plain"], ...fields], body: `${text}\n` };
}
