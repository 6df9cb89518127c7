/**
 * The interop contract on `@connectrpc/connect-node`: `connect_node.mjs serve` or `connect_node.mjs check ADDRESS`.
 *
 * @module
 */
import { ConnectError, createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { createServer } from "node:http2";
import { TestService } from "../gen/grpc_testing_pb.ts";
import { DETAIL, DetailSchema, ECHO_INITIAL, ECHO_TRAILING, runCases, zeroes } from "./cases.mjs";

function echo({ requestHeader, responseHeader, responseTrailer }) {
  const initial = requestHeader.get(ECHO_INITIAL);
  if (initial !== null) responseHeader.set(ECHO_INITIAL, initial);
  const trailing = requestHeader.get(ECHO_TRAILING);
  if (trailing !== null) responseTrailer.set(ECHO_TRAILING, trailing);
}

function check(status) {
  if (!status?.code) return;
  throw new ConnectError(status.message, status.code, undefined, [{ desc: DetailSchema, value: DETAIL }]);
}

function serve() {
  async function* duplex(requests, context) {
    echo(context);
    for await (const { responseStatus, responseParameters } of requests) {
      check(responseStatus);
      for (const { size } of responseParameters) yield { payload: zeroes(size) };
    }
  }
  const handlers = {
    emptyCall: () => ({}),
    unaryCall({ responseStatus, responseSize }, context) {
      echo(context);
      check(responseStatus);
      return { payload: zeroes(responseSize) };
    },
    async streamingInputCall(requests) {
      let aggregatedPayloadSize = 0;
      for await (const { payload } of requests) aggregatedPayloadSize += payload.body.length;
      return { aggregatedPayloadSize };
    },
    async *streamingOutputCall({ responseParameters }) {
      for (const { size } of responseParameters) yield { payload: zeroes(size) };
    },
    fullDuplexCall: duplex,
    halfDuplexCall: duplex,
  };
  const routes = (router) => router.service(TestService, handlers);
  const sessions = new Set();
  const server = createServer(connectNodeAdapter({ routes, grpc: true, connect: false, grpcWeb: false }));
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  server.listen(0, "127.0.0.1", () => console.log(`listening on 127.0.0.1:${server.address().port}`));
  process.once("SIGTERM", () => {
    server.close();
    for (const session of sessions) session.destroy();
  });
}

/** The calls of the contract in the shape that the cases have them. */
function connect(address) {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const client = createClient(TestService, createGrpcTransport({ baseUrl, sessionManager }));
  const errorOf = (reason) => {
    const { code, rawMessage, metadata } = ConnectError.from(reason);
    const details = metadata.get("grpc-status-details-bin") ?? undefined;
    return { code, message: rawMessage, details: details && Buffer.from(details, "base64") };
  };
  const callOptions = ({ headers = {}, ...rest }, seen) => {
    const encoded = Object.entries(headers).map(([name, value]) => [
      name,
      name.endsWith("-bin") ? Buffer.from(value).toString("base64") : value,
    ]);
    const getter = (name, headers) =>
      name.endsWith("-bin") ? Buffer.from(headers.get(name) ?? "", "base64") : headers.get(name) ?? undefined;
    return {
      ...rest,
      headers: encoded,
      onHeader: (headers) => seen.headers = (name) => getter(name, headers),
      onTrailer: (headers) => seen.trailers = (name) => getter(name, headers),
    };
  };
  const single = async (begin, options) => {
    const seen = {};
    try {
      const value = await begin(callOptions(options, seen));
      return { value, ...seen };
    } catch (error) {
      throw errorOf(error);
    }
  };
  async function* read(begin, options, report) {
    const seen = {};
    try {
      yield* begin(callOptions(options, seen));
    } catch (error) {
      throw errorOf(error);
    }
    report?.(seen);
  }
  return {
    empty: async (options = {}) => (await single((how) => client.emptyCall({}, how), options)).value,
    unary: (request, options = {}) => single((how) => client.unaryCall(request, how), options),
    unimplemented: (options = {}) => single((how) => client.unimplementedCall({}, how), options),
    input: (requests, options = {}) => single((how) => client.streamingInputCall(requests, how), options),
    output: (request, options = {}, report = undefined) =>
      read((how) => client.streamingOutputCall(request, how), options, report),
    duplex: (requests, options = {}, report = undefined) =>
      read((how) => client.fullDuplexCall(requests, how), options, report),
    close: () => sessionManager.abort(),
  };
}

const [mode, address] = process.argv.slice(2);
if (mode === "serve") serve();
else await runCases(connect(address));
