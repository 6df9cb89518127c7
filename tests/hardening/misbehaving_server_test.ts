/**
 * Our gRPC client against the eight servers of gRPC's "Negative HTTP/2 Interop Test Case Descriptions", by the names there.
 *
 * @module
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { GrpcError } from "../../codecs/grpc/status.ts";
import { createClient } from "../../core.ts";
import { describeEndpoint } from "../../lib/io/endpoint.ts";
import { auto } from "../../transports/auto.ts";
import { SimpleResponseSchema } from "../interop/gen/grpc_testing_pb.ts";
import { TestService } from "../interop/grpc_handlers.ts";
import { type Answer, type FrameConn, misbehavingServer } from "./misbehaving_server.ts";
import { join } from "./raw_peer.ts";

const RESPONSE_BYTES = 314_159;
const REQUEST = { responseSize: RESPONSE_BYTES, payload: { body: new Uint8Array(271_828) } };
/** The answer's message with what goes before it. */
const MESSAGE = prefixed(
  toBinary(SimpleResponseSchema, create(SimpleResponseSchema, { payload: { body: new Uint8Array(RESPONSE_BYTES) } })),
);

function prefixed(message: Uint8Array): Uint8Array {
  const prefix = new Uint8Array(5);
  new DataView(prefix.buffer).setUint32(1, message.length);
  return join([prefix, message]);
}

async function answerWell(conn: FrameConn, id: number): Promise<void> {
  await conn.headers(id);
  await conn.data(id, MESSAGE);
  await conn.trailers(id);
}

/** A client of a server that does `answer`: what `run` makes of it, and then of the server's connections. */
async function against(
  answer: Answer,
  run: (call: () => Promise<number | undefined>) => Promise<void>,
  settings: readonly (readonly [number, number])[] = [],
): Promise<readonly FrameConn[]> {
  const transport = auto();
  const server = await misbehavingServer(transport, answer, settings);
  const to = describeEndpoint(server.local);
  const client = createClient(TestService, { to, transport, protocol: grpc(), timeoutMs: 30_000 });
  try {
    await run(async () => (await client.unaryCall(REQUEST)).payload?.body.length);
  } finally {
    await client.close();
  }
  await server.close();
  return server.conns;
}

/** What ends the first answer; the next is whole. */
function failing(fail: Answer): Answer {
  return (conn, id) => conn.calls === 1 ? fail(conn, id) : answerWell(conn, id);
}

/** The first call fails, and its connection goes on. */
async function failsAndGoesOn(fail: Answer): Promise<void> {
  const conns = await against(failing(fail), async (call) => {
    const error = await assertRejects(call, GrpcError);
    assertEquals(error.code, 13);
    assertEquals(await call(), RESPONSE_BYTES);
  });
  assertEquals(conns.length, 1);
}

describe("a gRPC client bears a server of the case", () => {
  it("goaway", async () => {
    const conns = await against(async (conn, id) => {
      await conn.goaway(id);
      await answerWell(conn, id);
    }, async (call) => {
      for (let i = 0; i < 2; i++) assertEquals(await call(), RESPONSE_BYTES);
    });
    assertEquals(conns.map(({ calls }) => calls), [1, 1]);
  });

  it("rst_after_header", async () => {
    await failsAndGoesOn(async (conn, id) => {
      await conn.headers(id);
      await conn.reset(id);
    });
  });

  it("rst_during_data", async () => {
    await failsAndGoesOn(async (conn, id) => {
      await conn.headers(id);
      await conn.data(id, MESSAGE.subarray(0, MESSAGE.length / 2));
      await conn.reset(id);
    });
  });

  it("rst_after_data", async () => {
    await failsAndGoesOn(async (conn, id) => {
      await conn.headers(id);
      await conn.data(id, MESSAGE);
      await conn.reset(id);
    });
  });

  it("ping", async () => {
    const conns = await against(async (conn, id) => {
      await conn.ping();
      await conn.headers(id);
      await conn.ping();
      await conn.data(id, MESSAGE);
      await conn.ping();
      await conn.trailers(id);
    }, async (call) => assertEquals(await call(), RESPONSE_BYTES));
    assertEquals(conns.map(({ unansweredPings }) => unansweredPings), [0]);
  });

  it("max_streams", async () => {
    const conns = await against(answerWell, async (call) => {
      assertEquals(await call(), RESPONSE_BYTES);
      assertEquals(await Promise.all(Array.from({ length: 10 }, call)), new Array(10).fill(RESPONSE_BYTES));
    }, [[3, 1]]);
    assertEquals(Math.max(...conns.map(({ mostOpen }) => mostOpen)), 1);
    assertEquals(conns.reduce((sum, { calls }) => sum + calls, 0), 11);
  });

  for (const [name, padding] of [["data_frame_padding", 255], ["no_df_padding_sanity_test", undefined]] as const) {
    it(name, async () => {
      await against(async (conn, id) => {
        await conn.headers(id);
        await conn.data(id, MESSAGE, 5, padding);
        await conn.trailers(id);
      }, async (call) => assertEquals(await call(), RESPONSE_BYTES));
    });
  }
});
