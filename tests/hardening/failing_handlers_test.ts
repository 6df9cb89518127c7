/**
 * Handlers that fail in every way there is, on a live server: the process lives, and each caller gets its error or its
 * timeout.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Client, RpcError } from "../../mod.ts";
import { EchoException, type EchoServiceClient, type EchoServiceHandlers } from "../interop/gen/echo.ts";
import { liveServer } from "./live_server.ts";

/** An error that is no help. */
class Unhelpful extends Error {
  override get message(): string {
    throw new Error("not even this");
  }
}

const FAILURES: readonly [name: string, make: () => unknown][] = [
  ["an error", () => new Error("as asked")],
  ["a string", () => "as asked"],
  ["undefined", () => undefined],
  ["null", () => null],
  ["a symbol", () => Symbol("as asked")],
  ["an object without a prototype", () => Object.create(null)],
  ["an object whose parts throw", () =>
    new Proxy({}, {
      get() {
        throw new Error("not even this");
      },
    })],
  ["an error whose message throws", () => new Unhelpful()],
  ["an error with a message of 20 MiB", () => new Error("x".repeat(20 << 20))],
  ["an exception that the method does not declare", () => new EchoException({ code: 1, message: "undeclared" })],
  ["a cause that goes in circles", () => {
    const error = new Error("as asked");
    error.cause = error;
    return error;
  }],
];

/** Handlers that fail with what `failure` gives. */
function failing(failure: () => unknown, later: boolean): Partial<EchoServiceHandlers> {
  return {
    add() {
      if (later) return Promise.resolve().then(() => Promise.reject(failure()));
      throw failure();
    },
    notify() {
      if (later) return Promise.resolve().then(() => Promise.reject(failure()));
      throw failure();
    },
  };
}

async function assertInternal(client: Client<EchoServiceClient>): Promise<RpcError> {
  const error = await assertRejects(() => client.add(1n, 2n), RpcError);
  assertEquals([error.kind, error.remote, error.code], ["internal", true, 6]);
  return error;
}

describe("a live server whose handlers fail", () => {
  for (const [name, failure] of FAILURES) {
    for (const later of [false, true]) {
      it(`${later ? "rejecting with" : "throwing"} ${name}: the caller gets an error, the connection lives`, async () => {
        await using live = await liveServer({}, failing(failure, later));
        const client = live.client();
        await assertInternal(client);
        await client.notify("fails as well, and nobody hears of it");
        assertEquals(await client.echoString("still here"), "still here");
        assertEquals(live.server.stats.accepted, 1);
        assertEquals(live.server.stats.failed, 2);
      });
    }
  }

  it("tells the caller the message of the error and no more", async () => {
    await using live = await liveServer(
      {},
      failing(() => new Error("as asked", { cause: new Error("a secret") }), false),
    );
    const error = await assertInternal(live.client());
    assertStringIncludes(error.message, "as asked");
    assert(!error.message.includes("secret") && !error.message.includes(".ts:"), error.message);
  });

  const wrong: readonly [name: string, value: unknown][] = [
    ["a value of another type", "3"],
    ["an integer out of range", 1n << 64n],
    ["a thenable that throws", {
      then() {
        throw new Error("as asked");
      },
    }],
    ["a thenable that settles twice", {
      then(resolve: (value: unknown) => void, reject: (reason: unknown) => void) {
        reject(new Error("first"));
        resolve(3n);
        reject(new Error("third"));
      },
    }],
  ];
  for (const [name, value] of wrong) {
    it(`by giving back ${name}: the caller gets an error, the connection lives`, async () => {
      await using live = await liveServer({}, { add: () => value as bigint });
      const client = live.client();
      await assertInternal(client);
      assertEquals(await client.echoString("still here"), "still here");
      assertEquals(live.server.stats.accepted, 1);
    });
  }

  it("by giving back nothing where there should be a value: the caller gets an error, the connection lives", async () => {
    await using live = await liveServer({}, { add: () => undefined as unknown as bigint });
    const client = live.client();
    await assertRejects(() => client.add(1n, 2n), RpcError);
    assertEquals(await client.echoString("still here"), "still here");
    assertEquals(live.server.stats.accepted, 1);
  });

  it("by giving back more than a frame may hold: the caller gets an error, the connection lives", async () => {
    await using live = await liveServer({}, { echoBinary: () => new Uint8Array((16 << 20) + 1) });
    const client = live.client();
    const error = await assertRejects(() => client.echoBinary(new Uint8Array()), RpcError);
    assertEquals([error.kind, error.remote], ["internal", true]);
    assertEquals(await client.echoString("still here"), "still here");
    assertEquals(live.server.stats.accepted, 1);
  });

  it("by never answering: the caller gets its timeout, and other calls go on", async () => {
    let aborted = 0;
    await using live = await liveServer({ exitWaitMs: 200 }, {
      sleep: (_ms, { signal }) =>
        new Promise(() => {
          signal.addEventListener("abort", () => aborted++);
        }),
    });
    for (const pool of [{ type: "long" }, { type: "short" }, { type: "mux" }] as const) {
      const client = live.client({ pool });
      const calls = Array.from({ length: 10 }, () => assertRejects(() => client.sleep(1, { timeoutMs: 50 }), RpcError));
      assertEquals((await Promise.all(calls)).map(({ kind }) => kind), new Array(10).fill("timeout"));
    }
    assertEquals(await live.client().echoString("still here"), "still here");
    while (aborted < 20) await new Promise<void>((resolve) => setTimeout(resolve)); // long and short connections were dropped
  });

  it("by never answering: a server that closes gives them up", async () => {
    const live = await liveServer({ exitWaitMs: 150 }, { sleep: () => new Promise(() => {}) });
    const call = assertRejects(() => live.client().sleep(1), RpcError);
    while (live.server.stats.running < 1) await new Promise<void>((resolve) => setTimeout(resolve));
    await live.server.close();
    assertStringIncludes((await call).message, "the server is closing");
    await live[Symbol.asyncDispose]();
  });
});
