/**
 * Requests of Connect and gRPC-Web to a server in this process, through its `fetch`.
 *
 * @module
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { connect, type ConnectOptions } from "../../../codecs/connect/protocol.ts";
import { createServer, type RpcError, type Server, type ServerOptions } from "../../../core.ts";
import {
  SimpleRequestSchema,
  SimpleResponseSchema,
  StreamingOutputCallRequestSchema,
} from "../../interop/gen/grpc_testing_pb.ts";
import { testHandlers, TestService } from "../../interop/grpc_handlers.ts";

type Handlers = ReturnType<typeof testHandlers>;

/** A server of gRPC's test service, with some handlers of the test's own. */
export function testServer(
  handlers: Partial<Handlers> = {},
  options: ConnectOptions = {},
  more: Partial<ServerOptions> = {},
): { readonly server: Server; readonly errors: RpcError[] } {
  const errors: RpcError[] = [];
  const server = createServer({ protocols: [connect(options)], onError: (error) => errors.push(error), ...more })
    .add(TestService, { ...testHandlers(), ...handlers });
  return { server, errors };
}

/** A POST to a method of the service. */
export function post(method: string, type: string, body: BodyInit, headers: Record<string, string> = {}): Request {
  return new Request(`http://h/grpc.testing.TestService/${method}`, {
    method: "POST",
    headers: { "content-type": type, ...headers },
    body,
  });
}

/** A `SimpleRequest` for so many bytes. */
export function simpleRequest(responseSize: number): Uint8Array<ArrayBuffer> {
  return toBinary(SimpleRequestSchema, create(SimpleRequestSchema, { responseSize })).slice();
}

/** A request for a stream of messages with so many bytes each. */
export function outputRequest(sizes: readonly number[]): Uint8Array<ArrayBuffer> {
  const responseParameters = sizes.map((size) => ({ size }));
  return toBinary(
    StreamingOutputCallRequestSchema,
    create(StreamingOutputCallRequestSchema, { responseParameters }),
  ).slice();
}

/** How many bytes a `SimpleResponse` carries. */
export function sizeOf(bytes: Uint8Array): number {
  return fromBinary(SimpleResponseSchema, bytes).payload?.body.length ?? 0;
}

/** A message in its envelope. */
export function framed(message: Uint8Array, flags = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(5 + message.length);
  bytes[0] = flags;
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, 5);
  return bytes;
}

/** The envelopes in content. */
export function unframed(bytes: Uint8Array): { readonly flags: number; readonly message: Uint8Array }[] {
  const found: { flags: number; message: Uint8Array }[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(1);
    found.push({ flags: bytes[at]!, message: bytes.subarray(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  return found;
}
