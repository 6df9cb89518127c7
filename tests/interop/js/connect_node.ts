/**
 * The interop contract on `@connectrpc/connect-node`: `connect_node.ts serve 1|2` over that version of HTTP, or
 * `connect_node.ts check grpc|connect|grpc-web ADDRESS`.
 *
 * @module
 */
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { ConnectError, type ConnectRouter, type HandlerContext, type Transport } from "@connectrpc/connect";
import {
  compressionGzip,
  connectNodeAdapter,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { createServer as createHttp1 } from "node:http";
import { createServer as createHttp2, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import {
  type EchoStatus,
  type SimpleRequest,
  type StreamingOutputCallRequest,
  TestService,
} from "../gen/grpc_testing_pb.ts";
import { pause, WATCH, Watches } from "../watches.ts";
import { type Cases, COMPRESSED, DUPLEX, GET, GIVEN_UP, INPUT, LARGE, OUTPUT, UNARY } from "./cases.ts";
import { DETAIL, ECHO_INITIAL, ECHO_TRAILING } from "./client.ts";
import { connectClient } from "./connect_client.ts";
import { type CaseSet, runCases } from "./run_cases.ts";

function echo({ requestHeader, responseHeader, responseTrailer }: HandlerContext): void {
  const initial = requestHeader.get(ECHO_INITIAL);
  if (initial !== null) responseHeader.set(ECHO_INITIAL, initial);
  const trailing = requestHeader.get(ECHO_TRAILING);
  if (trailing !== null) responseTrailer.set(ECHO_TRAILING, trailing);
}

function check(status: EchoStatus | undefined): void {
  if (!status?.code) return;
  const detail = { desc: StringValueSchema, value: { value: DETAIL } };
  throw new ConnectError(status.message, status.code, undefined, [detail]);
}

function routes(router: ConnectRouter): void {
  const watches = new Watches();
  const watch = ({ requestHeader, signal }: HandlerContext): boolean => {
    const id = requestHeader.get(WATCH);
    if (id !== null) watches.follow(id, signal);
    return id !== null;
  };
  const payload = (size: number) => ({ payload: { body: new Uint8Array(size) } });
  async function* output(request: StreamingOutputCallRequest, { signal }: HandlerContext) {
    check(request.responseStatus);
    for (const { size, intervalUs } of request.responseParameters) {
      if (intervalUs > 0) await pause(intervalUs / 1000, signal);
      yield payload(size);
    }
  }
  async function* duplex(requests: AsyncIterable<StreamingOutputCallRequest>, context: HandlerContext) {
    echo(context);
    for await (const request of requests) yield* output(request, context);
  }
  async function unary({ responseStatus, responseSize }: SimpleRequest, context: HandlerContext) {
    if (watch(context)) await pause(Infinity, context.signal);
    echo(context);
    check(responseStatus);
    return payload(responseSize);
  }
  router.service(TestService, {
    async emptyCall(_, { requestHeader }) {
      await watches.wait((name) => requestHeader.get(name));
      return {};
    },
    unaryCall: unary,
    cacheableUnaryCall: unary,
    async streamingInputCall(requests) {
      let aggregatedPayloadSize = 0;
      for await (const { payload } of requests) aggregatedPayloadSize += payload?.body.length ?? 0;
      return { aggregatedPayloadSize };
    },
    async *streamingOutputCall(request, context) {
      watch(context);
      echo(context);
      yield* output(request, context);
    },
    fullDuplexCall: duplex,
    halfDuplexCall: duplex,
  });
}

function serve(version: string | undefined): void {
  const sessions = new Set<ServerHttp2Session>();
  const server = version === "1"
    // Clients that use a connection again must not meet the end of its rest.
    ? createHttp1({ keepAliveTimeout: 60_000 }, connectNodeAdapter({ routes }))
    : createHttp2(connectNodeAdapter({ routes })).on("session", (session) => {
      sessions.add(session);
      session.on("close", () => sessions.delete(session));
    });
  server.listen(0, "127.0.0.1", () => console.log(`listening on 127.0.0.1:${(server.address() as AddressInfo).port}`));
  process.once("SIGTERM", () => {
    server.close();
    if ("closeAllConnections" in server) server.closeAllConnections();
    for (const session of sessions) session.destroy();
  });
}

/** Connections that remember the methods of their requests. */
class Listening extends Http2SessionManager {
  readonly methods: string[] = [];

  override request(
    ...[method, ...rest]: Parameters<Http2SessionManager["request"]>
  ): ReturnType<Http2SessionManager["request"]> {
    this.methods.push(method);
    return super.request(method, ...rest);
  }
}

/** All clients of a protocol: `grpc`, `connect` or `grpc-web`. */
function sets(protocol: string | undefined, address: string | undefined): CaseSet[] {
  const baseUrl = `http://${address}`;
  const httpVersion = "2" as const;
  const over2 = (make: (sessionManager: Http2SessionManager) => Transport) => () => {
    const sessionManager = new Http2SessionManager(baseUrl);
    return connectClient(make(sessionManager), { close: () => sessionManager.abort() });
  };
  const grpc = over2((sessionManager) => createGrpcTransport({ baseUrl, sessionManager }));
  if (protocol === "grpc") return [{ name: "", client: grpc, cases: [UNARY, LARGE, OUTPUT, GIVEN_UP, INPUT, DUPLEX] }];
  const create = protocol === "connect" ? createConnectTransport : createGrpcWebTransport;
  const gzip = { sendCompression: compressionGzip, acceptCompression: [compressionGzip] };
  const json = { useBinaryFormat: false };
  const old = (name: string, more: { useBinaryFormat?: boolean } | typeof gzip, ...cases: Cases[]): CaseSet => ({
    name: `${name} over HTTP/1.1`,
    client: () => connectClient(create({ baseUrl, httpVersion: "1.1", ...more })),
    cases,
  });
  const modern = (name: string, more: { useBinaryFormat?: boolean } | typeof gzip, ...cases: Cases[]): CaseSet => ({
    name: `${name} over HTTP/2`,
    client: over2((sessionManager) => create({ baseUrl, httpVersion, sessionManager, ...more })),
    cases,
  });
  return [
    old("proto", {}, UNARY, LARGE, OUTPUT, GIVEN_UP, INPUT),
    old("json", json, UNARY, OUTPUT, GIVEN_UP),
    old("gzip", gzip, COMPRESSED, OUTPUT),
    modern("proto", {}, UNARY, LARGE, OUTPUT, GIVEN_UP, INPUT, DUPLEX),
    modern("json", json, UNARY, LARGE, INPUT, DUPLEX),
    modern("gzip", gzip, COMPRESSED, INPUT, DUPLEX),
    ...(protocol === "connect" ? [byGet(baseUrl)] : []),
  ];
}

/** A client that uses GET where it may. */
function byGet(baseUrl: string): CaseSet {
  return {
    name: "GET over HTTP/2",
    client() {
      const sessionManager = new Listening(baseUrl);
      const gzip = { sendCompression: compressionGzip, compressMinBytes: 500 };
      const how = { baseUrl, httpVersion: "2" as const, sessionManager, useHttpGet: true, ...gzip };
      return connectClient(createConnectTransport(how), {
        methods: () => sessionManager.methods,
        close: () => sessionManager.abort(),
      });
    },
    cases: [GET],
  };
}

const [mode, what, address] = process.argv.slice(2);
if (mode === "serve") serve(what);
else process.exitCode = await runCases(sets(what, address), console.log) > 0 ? 1 : 0;
