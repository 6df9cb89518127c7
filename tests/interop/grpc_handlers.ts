/**
 * gRPC's interop service, as its test description document has it.
 *
 * @module
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { anyPack, AnySchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import type { CallContext } from "../../core.ts";
import { GrpcError, GrpcStatus } from "../../codecs/grpc/status.ts";
import { type ProtobufService, protobufService } from "../../codecs/protobuf/service.ts";
import {
  type EchoStatus,
  type SimpleRequest,
  type StreamingInputCallRequest,
  TestService as TestServiceDesc,
} from "./gen/grpc_testing_pb.ts";
import type { ServiceOf } from "./proto_handlers.ts";
import { pause, WATCH, Watches } from "./watches.ts";

/** What the details of statuses say, as a `google.protobuf.StringValue`. */
export const DETAIL = "more on that";

/** The service. */
export const TestService: ServiceOf<typeof TestServiceDesc> = protobufService(TestServiceDesc);

type Handlers = typeof TestService extends ProtobufService<infer H, unknown> ? H : never;

/** Its handlers. */
export function testHandlers(): Handlers {
  const watches = new Watches();
  /** True for a call whose end somebody wants to hear of. */
  const watch = ({ meta, signal }: CallContext): boolean => {
    const id = meta.headers.get(WATCH);
    if (id !== undefined) watches.follow(id, signal);
    return id !== undefined;
  };
  const unary: Handlers["unaryCall"] = async (request, context) => {
    if (watch(context)) await pause(Infinity, context.signal);
    echoMetadata(context);
    expectCompressed(request, context);
    if (request.responseCompressed?.value) context.meta.compression = "gzip";
    check(request.responseStatus);
    return { payload: { body: new Uint8Array(request.responseSize) } };
  };
  const duplex: Handlers["fullDuplexCall"] = async function* (requests, context) {
    echoMetadata(context);
    for await (const request of requests) {
      check(request.responseStatus);
      for (const { size, intervalUs } of request.responseParameters) {
        if (intervalUs > 0) await pause(intervalUs / 1000, context.signal);
        yield { payload: { body: new Uint8Array(size) } };
      }
    }
  };
  return {
    async emptyCall(_, { meta }) {
      await watches.wait((name) => meta.headers.get(name));
      return {};
    },
    unaryCall: unary,
    cacheableUnaryCall: unary,
    async *streamingOutputCall(request, context) {
      const { meta, signal } = context;
      watch(context);
      echoMetadata(context);
      check(request.responseStatus);
      if (request.responseParameters.some(({ compressed }) => compressed?.value)) meta.compression = "gzip";
      for (const { size, intervalUs, compressed } of request.responseParameters) {
        if (intervalUs > 0) await pause(intervalUs / 1000, signal);
        meta.compress = compressed?.value ?? false;
        yield { payload: { body: new Uint8Array(size) } };
      }
    },
    async streamingInputCall(requests, context) {
      let aggregatedPayloadSize = 0;
      for await (const request of requests) {
        expectCompressed(request, context);
        aggregatedPayloadSize += request.payload?.body.length ?? 0;
      }
      return { aggregatedPayloadSize };
    },
    fullDuplexCall: duplex,
    halfDuplexCall: duplex,
    unimplementedCall() {
      throw new GrpcError(GrpcStatus.UNIMPLEMENTED, "not implemented, as it is to be");
    },
  };
}

function check(status: EchoStatus | undefined): void {
  if (status === undefined || status.code === 0) return;
  const { code, message } = status;
  const detail = anyPack(StringValueSchema, create(StringValueSchema, { value: DETAIL }));
  // A google.rpc.Status: code, message, details.
  const details = new BinaryWriter().uint32(8).int32(code).uint32(18).string(message).uint32(26)
    .bytes(toBinary(AnySchema, detail)).finish();
  throw new GrpcError(code, message, { details });
}

/** What the caller says of how it sent a message must be so. */
function expectCompressed(request: StreamingInputCallRequest | SimpleRequest, { meta }: CallContext): void {
  const expected = request.expectCompressed?.value;
  if (expected === undefined || expected === meta.wasCompressed(request)) return;
  throw new GrpcError(GrpcStatus.INVALID_ARGUMENT, `the message is ${expected ? "not compressed" : "compressed"}`);
}

function echoMetadata({ meta }: CallContext): void {
  const initial = meta.headers.get("x-grpc-test-echo-initial");
  if (initial !== undefined) meta.backward.set("x-grpc-test-echo-initial", initial);
  const trailing = meta.headers.get("x-grpc-test-echo-trailing-bin");
  if (trailing !== undefined) meta.trailers.set("x-grpc-test-echo-trailing-bin", trailing);
}
