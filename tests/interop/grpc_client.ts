/**
 * Runs gRPC's interop cases against a server: `grpc_client.ts ADDRESS [--test_case=NAME,...] [--tls]`; without
 * names all of them.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints a line a case and ends with exit code 1 if any failed.
 *
 * @module
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { encodeBinary } from "../../codecs/grpc/metadata.ts";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { GrpcError } from "../../codecs/grpc/status.ts";
import { protobufService } from "../../codecs/protobuf/service.ts";
import { createClient, Metadata, RpcError } from "../../mod.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { clientTls } from "./certificates.ts";
import { channel } from "./channel.ts";
import {
  type StreamingOutputCallRequestSchema,
  UnimplementedService as UnimplementedDesc,
} from "./gen/grpc_testing_pb.ts";
import { TestService } from "./grpc_handlers.ts";

/** Longest time a case may take. */
const CASE_MS = 20_000;
const REQUEST_BYTES = 271_828;
const RESPONSE_BYTES = 314_159;
const REQUEST_SIZES = [27182, 8, 1828, 45904];
const RESPONSE_SIZES = [31415, 9, 2653, 58979];
const SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";

const platform = await autoPlatform();
const [to = "127.0.0.1:10000", ...rest] = platform.args;
const only = rest.find((word) => word.startsWith("--test_case="))?.slice("--test_case=".length).split(",");
const how = { to, connectTimeoutMs: CASE_MS, ...await clientTls(platform) };
const client = createClient(TestService, { ...how, protocol: grpc({ accept: ["gzip"] }) });
const stranger = createClient(protobufService(UnimplementedDesc), { ...how, protocol: grpc() });
const zeroes = (size: number) => ({ body: new Uint8Array(size) });

/** A request of the calls that stream both ways. */
type Request = MessageInitShape<typeof StreamingOutputCallRequestSchema>;

async function fails(run: () => Promise<unknown>, code: number): Promise<GrpcError> {
  const error = await assertRejects(run, GrpcError);
  assertEquals(error.code, code);
  return error;
}

async function first(stream: AsyncIterable<unknown>): Promise<unknown> {
  for await (const message of stream) return message;
  return undefined;
}

const cases: Record<string, () => Promise<void>> = {
  async empty_unary() {
    assertEquals((await client.emptyCall({})).$typeName, "grpc.testing.Empty");
  },
  async large_unary() {
    const { payload } = await client.unaryCall({ responseSize: RESPONSE_BYTES, payload: zeroes(REQUEST_BYTES) });
    assertEquals(payload?.body.length, RESPONSE_BYTES);
  },
  async client_streaming() {
    const requests = REQUEST_SIZES.map((size) => ({ payload: zeroes(size) }));
    assertEquals((await client.streamingInputCall(requests)).aggregatedPayloadSize, 74_922);
  },
  async server_streaming() {
    const sizes: unknown[] = [];
    const responseParameters = RESPONSE_SIZES.map((size) => ({ size }));
    for await (const { payload } of client.streamingOutputCall({ responseParameters })) {
      sizes.push(payload?.body.length);
    }
    assertEquals(sizes, RESPONSE_SIZES);
  },
  async ping_pong() {
    const requests = channel<Request>();
    const responses = client.fullDuplexCall(requests)[Symbol.asyncIterator]();
    for (const [i, size] of RESPONSE_SIZES.entries()) {
      requests.send({ responseParameters: [{ size }], payload: zeroes(REQUEST_SIZES[i]!) });
      const { value, done } = await responses.next();
      assertEquals([done, value?.payload?.body.length], [false, size]);
    }
    requests.end();
    assertEquals((await responses.next()).done, true);
  },
  async empty_stream() {
    for await (const _ of client.fullDuplexCall([])) throw new Error("a message came");
  },
  async timeout_on_sleeping_server() {
    const requests = channel<Request>();
    requests.send({ payload: zeroes(27182) });
    const error = await assertRejects(() => first(client.fullDuplexCall(requests, { timeoutMs: 1 })), RpcError);
    assertEquals(error.kind, "timeout");
    requests.end();
  },
  async cancel_after_begin() {
    const controller = new AbortController();
    const requests = channel<never>();
    const call = assertRejects(() => client.streamingInputCall(requests, { signal: controller.signal }), RpcError);
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    assertEquals((await call).kind, "canceled");
    requests.end();
  },
  async cancel_after_first_response() {
    const controller = new AbortController();
    const requests = channel<Request>();
    const responses = client.fullDuplexCall(requests, { signal: controller.signal })[Symbol.asyncIterator]();
    requests.send({ responseParameters: [{ size: 31415 }], payload: zeroes(27182) });
    assertEquals((await responses.next()).done, false);
    controller.abort();
    const error = await assertRejects(() => responses.next(), RpcError);
    assertEquals(error.kind, "canceled");
    requests.end();
  },
  async status_code_and_message() {
    const responseStatus = { code: 2, message: "test status message" };
    const error = await fails(() => client.unaryCall({ responseStatus }), 2);
    assertEquals(error.message, responseStatus.message);
    const streamed = await fails(() => first(client.fullDuplexCall([{ responseStatus }])), 2);
    assertEquals(streamed.message, responseStatus.message);
  },
  async special_status_message() {
    const error = await fails(() => client.unaryCall({ responseStatus: { code: 2, message: SPECIAL } }), 2);
    assertEquals(error.message, SPECIAL);
  },
  async custom_metadata() {
    const binary = encodeBinary(Uint8Array.of(0xab, 0xab, 0xab));
    const headers = {
      "x-grpc-test-echo-initial": "test_initial_metadata_value",
      "x-grpc-test-echo-trailing-bin": binary,
    };
    const check = (meta: Metadata): void => {
      assertEquals(meta.backward.get("x-grpc-test-echo-initial"), "test_initial_metadata_value");
      assertEquals(meta.trailers.get("x-grpc-test-echo-trailing-bin")?.replace(/=+$/, ""), binary);
    };
    const unary = new Metadata({ headers });
    await client.unaryCall({ responseSize: RESPONSE_BYTES, payload: zeroes(REQUEST_BYTES) }, { meta: unary });
    check(unary);
    const streamed = new Metadata({ headers });
    const requests = [{ responseParameters: [{ size: RESPONSE_BYTES }], payload: zeroes(REQUEST_BYTES) }];
    for await (const { payload } of client.fullDuplexCall(requests, { meta: streamed })) {
      assertEquals(payload?.body.length, RESPONSE_BYTES);
    }
    check(streamed);
  },
  async client_compressed_unary() {
    const request = { responseSize: RESPONSE_BYTES, payload: zeroes(REQUEST_BYTES) };
    // The probe: a server that does not look would take this.
    await fails(() => client.unaryCall({ ...request, expectCompressed: { value: true } }), 3);
    for (const [value, compression] of [[true, "gzip"], [false, "identity"]] as const) {
      const { payload } = await client.unaryCall({ ...request, expectCompressed: { value } }, {
        meta: { compression },
      });
      assertEquals(payload?.body.length, RESPONSE_BYTES);
    }
  },
  async server_compressed_unary() {
    for (const value of [true, false]) {
      const request = { responseCompressed: { value }, responseSize: RESPONSE_BYTES, payload: zeroes(REQUEST_BYTES) };
      const meta = new Metadata();
      const response = await client.unaryCall(request, { meta });
      assertEquals([meta.wasCompressed(response), response.payload?.body.length], [value, RESPONSE_BYTES]);
    }
  },
  async client_compressed_streaming() {
    const expecting = (value: boolean, size: number) => ({ expectCompressed: { value }, payload: zeroes(size) });
    await fails(() => client.streamingInputCall([expecting(true, 27182)]), 3);
    const meta = new Metadata({ compression: "gzip" });
    async function* requests() {
      yield expecting(true, 27182);
      meta.compress = false;
      yield expecting(false, 45904);
    }
    assertEquals((await client.streamingInputCall(requests(), { meta })).aggregatedPayloadSize, 73_086);
  },
  async server_compressed_streaming() {
    const wanted: [boolean, number][] = [[true, 31415], [false, 92653]];
    const responseParameters = wanted.map(([value, size]) => ({ compressed: { value }, size }));
    const meta = new Metadata();
    const got: unknown[] = [];
    for await (const response of client.streamingOutputCall({ responseParameters }, { meta })) {
      got.push([meta.wasCompressed(response), response.payload?.body.length]);
    }
    assertEquals(got, wanted);
  },
  async unimplemented_method() {
    await fails(() => client.unimplementedCall({}), 12);
  },
  async unimplemented_service() {
    await fails(() => stranger.unimplementedCall({}), 12);
  },
};

for (const name of only ?? []) assert(Object.hasOwn(cases, name), `no case ${name}: ${Object.keys(cases).join(", ")}`);
let passed = 0;
let failed = 0;
for (const [name, run] of Object.entries(cases)) {
  if (only !== undefined && !only.includes(name)) continue;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`took longer than ${CASE_MS} ms`)), CASE_MS);
    });
    await Promise.race([run(), late]);
    passed++;
    await platform.stdout.write(`PASS ${name}\n`);
  } catch (error) {
    failed++;
    const text = error instanceof Error ? error.message : String(error);
    await platform.stdout.write(`FAIL ${name}: ${text.replaceAll("\n", " ").slice(0, 300)}\n`);
  } finally {
    clearTimeout(timer);
  }
}
await Promise.all([client.close(), stranger.close()]);
await platform.stdout.write(`${passed} passed, ${failed} failed\n`);
platform.setExitCode(failed > 0 ? 1 : 0);
