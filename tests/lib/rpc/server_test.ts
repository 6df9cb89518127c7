import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { framed } from "../../../codecs/thrift/protocol.ts";
import { createClient, createServer, RpcError } from "../../../core.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService } from "../../interop/gen/echo.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import { deferred, fixture, frame, runUntil } from "./fixture.ts";

const text = (value: string): string => {
  const bytes = Array.from(new TextEncoder().encode(value), (byte) => byte.toString(16).padStart(2, "0"));
  return bytes.length.toString(16).padStart(8, "0") + bytes.join("");
};
/** Arguments or result of one string in field `id`. */
const stringStruct = (id: string, value: string): string => `0b${id}${text(value)}00`;

describe("a server's answers", () => {
  it("carry the request's name and sequence id", async () => {
    await using f = await fixture();
    const peer = await f.raw();
    peer.send(frame(1, "echoString", -7, stringStruct("0001", "hi")));
    assertEquals(await peer.receiveFrame(), frame(2, "echoString", -7, stringStruct("0000", "hi")).slice(8));
  });

  it("are an exception of code 1 for an unknown method, and the connection goes on", async () => {
    await using f = await fixture();
    const peer = await f.raw();
    peer.send(frame(1, "nosuch", 9, "00"));
    const message = "unknown method nosuch (served: EchoService)";
    const body = `0b0001${text(message)}0800020000000100`;
    assertEquals(await peer.receiveFrame(), frame(3, "nosuch", 9, body).slice(8));
    peer.send(frame(1, "ping", 10, "00"));
    assertEquals(await peer.receiveFrame(), frame(2, "ping", 10, "00").slice(8));
  });

  it("are an exception of code 7 for arguments that cannot be read, and the connection goes on", async () => {
    await using f = await fixture();
    const peer = await f.raw();
    for (const body of ["0b0001ffffffff00", "0b00010000ffff00", "0b0001", "010001", ""]) {
      peer.send(frame(1, "echoString", 3, body));
      const answer = await peer.receiveFrame();
      assert(answer.startsWith("80010003"), answer);
      assert(answer.endsWith("0800020000000700"), answer);
    }
    peer.send(frame(1, "ping", 10, "00"));
    assertEquals(await peer.receiveFrame(), frame(2, "ping", 10, "00").slice(8));
    assertEquals(f.server.stats.refused, 5);
  });

  it("are an exception that names a struct argument left out", async () => {
    await using f = await fixture();
    const peer = await f.raw();
    peer.send(frame(1, "echo", 3, "00"));
    const body = `0b0001${text("arguments of EchoService.echo: req is missing")}0800020000000700`;
    assertEquals(await peer.receiveFrame(), frame(3, "echo", 3, body).slice(8));
  });

  it("to a frame over the limit say so, then the connection is closed", async () => {
    await using f = await fixture({}, { protocols: [framed({ limits: { maxFrameBytes: 64 } })] });
    const peer = await f.raw();
    peer.send(frame(1, "echoString", 3, stringStruct("0001", "x".repeat(100))));
    const answer = await peer.receiveFrame();
    assertStringIncludes(answer, text("exceeds 64").slice(8));
    await peer.ended();
  });

  for (
    const [what, bytes] of [
      ["a message type that is no request", frame(2, "ping", 1, "00")],
      ["an empty method name", frame(1, "", 1, "00")],
      ["a frame length of zero", frame(1, "ping", 1, "00") + "0000000080010001"],
      ["HTTP", "474554202f20485454502f312e310d0a0d0a"],
      ["bytes of no protocol", "deadbeefdeadbeef"],
    ] as const
  ) {
    it(`to ${what} are none: that connection is closed, others are not`, async () => {
      await using f = await fixture();
      const bystander = await f.raw();
      const peer = await f.raw();
      peer.send(bytes);
      await peer.ended();
      bystander.send(frame(1, "ping", 10, "00"));
      assertEquals(await bystander.receiveFrame(), frame(2, "ping", 10, "00").slice(8));
      assertEquals(f.server.stats.refused, 1);
    });
  }

  it("are none for oneway calls, also failed and unreadable ones", async () => {
    await using f = await fixture({
      notify() {
        throw new Error("no");
      },
    });
    const peer = await f.raw();
    peer.send(frame(4, "notify", 1, stringStruct("0001", "x")));
    peer.send(frame(1, "notify", 2, stringStruct("0001", "x")));
    peer.send(frame(4, "notify", 3, "0b0001"));
    peer.send(frame(4, "nosuch", 4, "00"));
    peer.send(frame(1, "ping", 5, "00"));
    assertEquals(await peer.receiveFrame(), frame(2, "ping", 5, "00").slice(8));
  });

  it("do not wait for oneway calls, whose handlers may never end", async () => {
    await using f = await fixture({ notify: () => new Promise(() => {}) });
    const peer = await f.raw();
    peer.send(frame(4, "notify", 1, stringStruct("0001", "x")));
    peer.send(frame(1, "ping", 2, "00"));
    assertEquals(await peer.receiveFrame(), frame(2, "ping", 2, "00").slice(8));
  });

  it("come in the order of the calls, however long those take", async () => {
    const slow = deferred<string>();
    await using f = await fixture({ echoString: (s) => s === "slow" ? slow.promise : s });
    const peer = await f.raw();
    peer.send(frame(1, "echoString", 1, stringStruct("0001", "slow")));
    peer.send(frame(1, "echoString", 2, stringStruct("0001", "quick")));
    peer.send(frame(1, "ping", 3, "00"));
    slow.resolve("done");
    assertEquals(await peer.receiveFrame(), frame(2, "echoString", 1, stringStruct("0000", "done")).slice(8));
    assertEquals(await peer.receiveFrame(), frame(2, "echoString", 2, stringStruct("0000", "quick")).slice(8));
    assertEquals(await peer.receiveFrame(), frame(2, "ping", 3, "00").slice(8));
  });

  it("come in that order also where a call is refused", async () => {
    const slow = deferred<string>();
    await using f = await fixture({ echoString: () => slow.promise }, {
      protocols: [framed({ limits: { maxFrameBytes: 64 } })],
    });
    const peer = await f.raw();
    peer.send(frame(1, "echoString", 1, stringStruct("0001", "slow")));
    peer.send(frame(1, "nosuch", 2, "00"));
    peer.send(frame(1, "echoString", 3, "0b0001"));
    peer.send(frame(1, "ping", 4, "00"));
    slow.resolve("done");
    assertEquals(await peer.receiveFrame(), frame(2, "echoString", 1, stringStruct("0000", "done")).slice(8));
    assertStringIncludes(await peer.receiveFrame(), "800100030000000 66e6f73756368 00000002".replaceAll(" ", ""));
    assertStringIncludes(await peer.receiveFrame(), "00000003");
    assertEquals(await peer.receiveFrame(), frame(2, "ping", 4, "00").slice(8));
    peer.send(frame(1, "nosuch", 5, "00") + frame(1, "ping", 6, stringStruct("0001", "x".repeat(100))));
    assertStringIncludes(await peer.receiveFrame(), "00000005");
    assertStringIncludes(await peer.receiveFrame(), "00000006");
    await peer.ended();
  });

  it('may overtake each other with replies: "any"', async () => {
    const slow = deferred<string>();
    await using f = await fixture({ echoString: () => slow.promise }, { protocols: [framed({ replies: "any" })] });
    const peer = await f.raw();
    peer.send(frame(1, "echoString", 1, stringStruct("0001", "slow")));
    peer.send(frame(1, "ping", 2, "00"));
    assertEquals(await peer.receiveFrame(), frame(2, "ping", 2, "00").slice(8));
    slow.resolve("done");
    assertEquals(await peer.receiveFrame(), frame(2, "echoString", 1, stringStruct("0000", "done")).slice(8));
  });

  it("are an internal error naming the place when a handler gives what its type is not", async () => {
    await using f = await fixture({ echo: () => ({ msg: 7 }) as never });
    const error = await assertRejects(() => f.client().echo({ msg: "" }), RpcError);
    assertEquals([error.kind, error.remote], ["internal", true]);
    assertStringIncludes(error.message, "EchoService.echo");
    assertStringIncludes(error.message, "msg");
  });
});

describe("a failing handler", () => {
  it("is reported with its call and costs only that call", async () => {
    const reported: string[] = [];
    await using f = await fixture({}, {
      onError: (error, call) => void reported.push(`${call?.method.name}: ${error.message}`),
    });
    const client = f.client();
    await assertRejects(() => client.fail("plain"), RpcError, "plain go error");
    assertEquals(await client.fail("none"), "none");
    assertEquals(reported, ["fail: plain go error"]);
    assertEquals(f.server.stats.failed, 1);
  });

  it("does no harm when the reporter fails too", async () => {
    await using f = await fixture({}, {
      onError: () => {
        throw new Error("reporter");
      },
    });
    const client = f.client();
    await assertRejects(() => client.fail("plain"), RpcError);
    assertEquals(await client.fail("none"), "none");
  });

  it("may throw what is no Error", async () => {
    await using f = await fixture({
      fail: () => {
        throw undefined;
      },
    });
    const error = await assertRejects(() => f.client().fail(""), RpcError);
    assertEquals(error.kind, "internal");
  });
});

describe("a handler's signal", () => {
  it("aborts when the caller's connection goes", async () => {
    const aborted = deferred<unknown>();
    const begun = deferred();
    await using f = await fixture({
      sleep: (_, { signal }) => {
        signal.addEventListener("abort", () => aborted.resolve(signal.reason));
        begun.resolve();
        return new Promise(() => {});
      },
    });
    const peer = await f.raw();
    peer.send(frame(1, "sleep", 1, "0800010000000000"));
    await begun.promise;
    peer.conn.abort();
    const reason = await aborted.promise;
    assert(reason instanceof RpcError);
    assertEquals(reason.kind, "canceled");
  });
});

describe("a caller that stops sending", () => {
  it("still gets its answers; handlers hear of it by their signal", async () => {
    const reasons: unknown[] = [];
    const slow = deferred<string>();
    const begun = deferred();
    await using f = await fixture({
      echoString: (_, { signal }) => {
        signal.addEventListener("abort", () => {
          reasons.push(signal.reason);
          slow.resolve("bye");
        });
        begun.resolve();
        return slow.promise;
      },
    });
    const peer = await f.raw();
    peer.send(frame(1, "echoString", 1, stringStruct("0001", "x")));
    await begun.promise;
    peer.conn.closeWrite();
    assertEquals(await peer.receiveFrame(), frame(2, "echoString", 1, stringStruct("0000", "bye")).slice(8));
    assertEquals(reasons.map((reason) => (reason as RpcError).kind), ["canceled"]);
  });

  it("does not keep its connection for a handler that never answers", async () => {
    const begun = deferred();
    await using f = await fixture({
      sleep: () => {
        begun.resolve();
        return new Promise(() => {});
      },
    });
    const peer = await f.raw();
    peer.send(frame(1, "sleep", 1, "0800010000000000"));
    await begun.promise;
    peer.conn.closeWrite();
    await runUntil(f.clock, peer.ended());
    while (f.server.stats.connections > 0) await new Promise<void>((resolve) => setTimeout(resolve));
  });
});

describe("a connection", () => {
  it("goes on after an answer larger than the high-water mark", async () => {
    await using f = await fixture();
    const client = f.client();
    const bytes = new Uint8Array(3 << 20);
    for (let i = 0; i < 3; i++) assertEquals((await client.echoBinary(bytes)).length, bytes.length);
    assertEquals(f.server.stats.accepted, 1);
  });
});

describe("maxConcurrentCalls", () => {
  it("stops reading a connection until calls end", async () => {
    const gates: (() => void)[] = [];
    let most = 0;
    let running = 0;
    const begun: (() => void)[] = [];
    await using f = await fixture({
      echoString: async (s) => {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => {
          gates.push(resolve);
          begun.shift()?.();
        });
        running--;
        return s;
      },
    }, { maxConcurrentCalls: 2 });
    const peer = await f.raw();
    for (let i = 0; i < 10; i++) peer.send(frame(1, "echoString", i, stringStruct("0001", `${i}`)));
    for (let i = 0; i < 10; i++) {
      while (gates.length === 0) await new Promise<void>((resolve) => begun.push(resolve));
      gates.shift()!();
      assertEquals(await peer.receiveFrame(), frame(2, "echoString", i, stringStruct("0000", `${i}`)).slice(8));
    }
    assertEquals(most, 2);
  });
});

describe("closing a server", () => {
  it("answers the calls under way, then closes their connections", async () => {
    const slow = deferred<string>();
    await using f = await fixture({ echoString: () => slow.promise });
    const call = f.client().echoString("x");
    while (f.server.stats.running === 0) await Promise.resolve();
    const closed = f.server.close();
    f.clock.advance(500);
    slow.resolve("answered");
    assertEquals(await call, "answered");
    await closed;
    assertEquals(f.server.stats.connections, 0);
  });

  it("serves what comes on open connections for a moment more", async () => {
    await using f = await fixture();
    const client = f.client();
    await client.ping();
    const closed = f.server.close();
    assertEquals(await client.echoString("late"), "late");
    f.clock.advance(200);
    await closed;
  });

  it("takes no new connections", async () => {
    await using f = await fixture();
    const closed = f.server.close();
    const error = await assertRejects(() => f.client().ping(), RpcError);
    assertEquals([error.kind, error.retryable], ["connect", true]);
    await runUntil(f.clock, closed);
  });

  it("ends what is still running after the exit wait, and says so", async () => {
    const reasons: unknown[] = [];
    await using f = await fixture({
      sleep: (_, { signal }) => {
        signal.addEventListener("abort", () => reasons.push(signal.reason));
        return new Promise(() => {});
      },
    });
    const call = assertRejects(() => f.client().sleep(0), RpcError, "the server is closing");
    while (f.server.stats.running === 0) await Promise.resolve();
    const closed = f.server.close();
    await runUntil(f.clock, closed);
    await call;
    assertEquals(reasons.map((reason) => (reason as RpcError).kind), ["unavailable"]);
  });

  it("happens when the signal of listen fires, and twice is fine", async () => {
    const controller = new AbortController();
    const transport = memory();
    const server = await createServer({ transport, protocols: [framed()] })
      .add(EchoService, echoHandlers())
      .listen({ path: "s", signal: controller.signal });
    controller.abort();
    await server.close();
    await server.close();
    await assertRejects(() => transport.dial({ path: "s" }), RpcError);
  });
});

describe("Server.add", () => {
  it("names the handlers that are missing", () => {
    const server = createServer({ transport: memory(), protocols: [framed()] });
    const { ping: _, add: __, ...rest } = echoHandlers();
    const error = assertThrows(() => server.add(EchoService, rest as never), RpcError, "no handler for add, ping");
    assertEquals(error.kind, "invalid");
  });

  it("calls handlers as methods of their object", async () => {
    class Greeter {
      greeting = "hello";
      echoString(name: string): string {
        return `${this.greeting} ${name}`;
      }
    }
    const transport = memory();
    const handlers = Object.assign(new Greeter(), { ...echoHandlers(), echoString: Greeter.prototype.echoString });
    await using server = await createServer({ transport, protocols: [framed()] })
      .add(EchoService, handlers)
      .listen({ path: "s" });
    await using client = createClient(EchoService, { to: server.address, transport, protocol: framed() });
    assertEquals(await client.echoString("Ada"), "hello Ada");
  });
});
