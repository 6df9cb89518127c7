/**
 * The interop contract on `@grpc/grpc-js`: `grpc_js.mjs serve` or `grpc_js.mjs check ADDRESS`. Messages are protobuf-es's.
 *
 * @module
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { anyPack, AnySchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import grpc from "@grpc/grpc-js";
import { TestService } from "../gen/grpc_testing_pb.ts";
import { DUPLEX, GIVEN_UP, INPUT, LARGE, OUTPUT, TOO_LARGE, UNARY } from "./cases.ts";
import { DETAIL, ECHO_INITIAL, ECHO_TRAILING } from "./client.ts";
import { runCases } from "./run_cases.ts";

const zeroes = (size) => ({ body: new Uint8Array(size) });

const definition = Object.fromEntries(TestService.methods.map(({ name, localName, methodKind, input, output }) => [
  localName,
  {
    path: `/${TestService.typeName}/${name}`,
    requestStream: methodKind === "client_streaming" || methodKind === "bidi_streaming",
    responseStream: methodKind === "server_streaming" || methodKind === "bidi_streaming",
    requestSerialize: (value) => Buffer.from(toBinary(input, create(input, value))),
    requestDeserialize: (bytes) => fromBinary(input, bytes),
    responseSerialize: (value) => Buffer.from(toBinary(output, create(output, value))),
    responseDeserialize: (bytes) => fromBinary(output, bytes),
  },
]));

/** Metadata that the client asked to have back: sends what goes first, gives what goes last. */
function echo(call) {
  const initial = new grpc.Metadata();
  for (const value of call.metadata.get(ECHO_INITIAL)) initial.add(ECHO_INITIAL, value);
  call.sendMetadata(initial);
  const trailing = new grpc.Metadata();
  for (const value of call.metadata.get(ECHO_TRAILING)) trailing.add(ECHO_TRAILING, value);
  return trailing;
}

/** A serialized `google.rpc.Status` with a detail. */
function statusOf(code, message) {
  const any = toBinary(AnySchema, anyPack(StringValueSchema, create(StringValueSchema, { value: DETAIL })));
  return new BinaryWriter().uint32(8).int32(code).uint32(18).string(message).uint32(26).bytes(any).finish();
}

function failure({ code, message }) {
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(statusOf(code, message)));
  return { code, details: message, metadata };
}

function serve() {
  const server = new grpc.Server({ "grpc.max_receive_message_length": 16 << 20 });
  const stream = (call) => {
    const trailing = echo(call);
    call.on("data", ({ responseStatus, responseParameters }) => {
      if (responseStatus?.code) return call.emit("error", failure(responseStatus));
      for (const { size } of responseParameters) call.write({ payload: zeroes(size) });
    });
    call.on("end", () => call.end(trailing));
  };
  server.addService(definition, {
    emptyCall: (_, done) => done(null, {}),
    unaryCall(call, done) {
      const trailing = echo(call);
      const { responseStatus, responseSize } = call.request;
      if (responseStatus?.code) done(failure(responseStatus));
      else done(null, { payload: zeroes(responseSize) }, trailing);
    },
    streamingInputCall(call, done) {
      let aggregatedPayloadSize = 0;
      call.on("data", ({ payload }) => aggregatedPayloadSize += payload.body.length);
      call.on("end", () => done(null, { aggregatedPayloadSize }));
    },
    streamingOutputCall(call) {
      for (const { size } of call.request.responseParameters) call.write({ payload: zeroes(size) });
      call.end();
    },
    fullDuplexCall: stream,
    halfDuplexCall: stream,
  });
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    console.log(`listening on 127.0.0.1:${port}`);
  });
  process.once("SIGTERM", () => server.forceShutdown());
}

/** The calls of the contract in the shape that the cases have them. */
function connect(address) {
  const Client = grpc.makeGenericClientConstructor(definition, TestService.typeName);
  const client = new Client(address, grpc.credentials.createInsecure(), {
    "grpc.max_receive_message_length": 16 << 20,
  });
  const metadataOf = (headers = {}) => {
    const metadata = new grpc.Metadata();
    for (const [name, value] of Object.entries(headers)) {
      metadata.add(name, name.endsWith("-bin") ? Buffer.from(value) : value);
    }
    return metadata;
  };
  /** Follows a call: its headers, its trailers, and an error as the cases know it. */
  const follow = (call, options) => {
    const seen = {};
    call.on("metadata", (metadata) => seen.headers = (name) => metadata.get(name)[0]);
    call.on("status", ({ metadata }) => seen.trailers = (name) => metadata.get(name)[0]);
    options.signal?.addEventListener("abort", () => call.cancel());
    return seen;
  };
  const errorOf = ({ code, details, metadata }) => ({
    code,
    message: details,
    details: metadata?.get("grpc-status-details-bin")[0]?.includes(DETAIL) ? DETAIL : undefined,
  });
  const callOptions = ({ timeoutMs }) => timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
  const single = (begin, options) =>
    new Promise((resolve, reject) => {
      let value;
      let failed;
      const call = begin(metadataOf(options.headers), callOptions(options), (error, answer) => {
        failed = error;
        value = answer;
      });
      const seen = follow(call, options);
      call.on("status", () => setImmediate(() => failed ? reject(errorOf(failed)) : resolve({ value, ...seen })));
    });
  const feed = async (call, requests) => {
    for await (const request of requests) call.write(request);
    call.end();
  };
  async function* read(call, options, report) {
    const seen = follow(call, options);
    let over = false;
    try {
      for await (const message of call) yield message;
      over = true;
    } catch (error) {
      throw errorOf(error);
    } finally {
      if (!over) call.cancel();
    }
    report?.(seen);
  }
  return {
    empty: (options = {}) => single((...rest) => client.emptyCall({}, ...rest), options),
    unary: (request, options = {}) => single((...rest) => client.unaryCall(request, ...rest), options),
    cacheable: (request, options = {}) => single((...rest) => client.cacheableUnaryCall(request, ...rest), options),
    unimplemented: (options = {}) => single((...rest) => client.unimplementedCall({}, ...rest), options),
    input: (requests, options = {}) =>
      single((...rest) => {
        const call = client.streamingInputCall(...rest);
        feed(call, requests);
        return call;
      }, options),
    output: (request, options = {}, report = undefined) =>
      read(
        client.streamingOutputCall(request, metadataOf(options.headers), callOptions(options)),
        options,
        report,
      ),
    duplex(requests, options = {}, report = undefined) {
      const call = client.fullDuplexCall(metadataOf(options.headers), callOptions(options));
      feed(call, requests);
      return read(call, options, report);
    },
    close: () => client.close(),
  };
}

const [mode, address] = process.argv.slice(2);
if (mode === "serve") serve();
else {
  const cases = [UNARY, LARGE, OUTPUT, GIVEN_UP, INPUT, DUPLEX, TOO_LARGE];
  const failed = await runCases([{ name: "", client: () => connect(address), cases }], console.log);
  process.exitCode = failed > 0 ? 1 : 0;
}
