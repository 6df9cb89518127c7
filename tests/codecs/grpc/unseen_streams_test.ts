/**
 * Calls that their server proves not to have seen go on elsewhere, streams too, and no others.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import { RawGrpc } from "../../../codecs/grpc/raw.ts";
import { GrpcStatus } from "../../../codecs/grpc/status.ts";
import { detectPreface } from "../../../codecs/http2/detect.ts";
import { writeGoaway } from "../../../codecs/http2/frame_writer.ts";
import { HeaderList } from "../../../codecs/http2/header_list.ts";
import { Http2Link, type LinkUser } from "../../../codecs/http2/link.ts";
import type { Http2Stream } from "../../../codecs/http2/stream.ts";
import {
  channelOf,
  type ClientOptions,
  createClient,
  createServer,
  type Protocol,
  RpcError,
  type Transport,
} from "../../../core.ts";
import { readyOnly } from "../../../lib/discovery/mod.ts";
import type { Connection } from "../../../lib/io/connection.ts";
import { memory } from "../../../transports/memory.ts";
import { TestService } from "../../interop/grpc_handlers.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";
import { deferred, runUntil } from "../../lib/rpc/fixture.ts";
import { turns } from "./network.ts";

const REFUSED = 7;

/** A stream, as the script of a server sees it. */
class Scripted {
  /** Its content so far. */
  readonly content: number[] = [];
  ended = false;
  readonly #link: Http2Link;
  readonly #conn: Connection;
  readonly #stream: Http2Stream;

  constructor(link: Http2Link, conn: Connection, stream: Http2Stream) {
    this.#link = link;
    this.#conn = conn;
    this.#stream = stream;
  }

  /** The first byte of each message: all are short, and those after the first 6 bytes of each are not looked at. */
  get messages(): number[] {
    const found: number[] = [];
    for (let at = 0; at < this.content.length;) {
      const [, a = 0, b = 0, c = 0, d = 0, first = -1] = this.content.slice(at, at + 6);
      found.push(first);
      at += 5 + ((a << 24) | (b << 16) | (c << 8) | d);
    }
    return found;
  }

  refuse(): void {
    this.#link.h2.reset(this.#stream, REFUSED);
  }

  /** GOAWAY that names no stream as seen; then the connection ends. */
  goaway(): void {
    writeGoaway(this.#conn.output, 0, 0, new Uint8Array());
    this.#conn.commit();
    void this.#conn.close();
  }

  begin(): void {
    const fields = { ":status": "200", "content-type": "application/grpc" };
    this.#link.h2.headers(this.#stream, HeaderList.of(fields), false);
  }

  finish(...bytes: number[]): void {
    const { h2 } = this.#link;
    this.begin();
    h2.data(this.#stream, Uint8Array.of(0, 0, 0, 0, bytes.length, ...bytes), 0, 5 + bytes.length, false);
    h2.trailers(this.#stream, HeaderList.of({ "grpc-status": "0" }));
  }
}

/** A server that does for the `n`th stream, whenever something of it came, what its script says; and a client of it. */
async function scripted(script: (stream: Scripted, n: number) => void, options: Partial<ClientOptions> = {}) {
  const clock = new ManualClock();
  const inner = memory();
  const transport: Transport = {
    ...inner,
    dial: (to, how) => f.away ? Promise.reject(new RpcError("connect", "nobody is there")) : inner.dial(to, how),
  };
  const streams: Scripted[] = [];
  const protocol: Protocol = {
    name: "scripted",
    detect: detectPreface,
    connect: () => {
      throw new RpcError("invalid", "of servers alone");
    },
    serve(conn, host) {
      const look = (stream: Http2Stream): void => {
        const value = stream.value as Scripted;
        if (!stream.closed) script(value, streams.indexOf(value) + 1);
      };
      const user: LinkUser = {
        headers(stream, _, ended) {
          const value = new Scripted(link, conn, stream);
          stream.value = value;
          value.ended = ended;
          streams.push(value);
          look(stream);
        },
        data(stream, bytes, start, end, ended) {
          const value = stream.value as Scripted;
          for (let i = start; i < end; i++) value.content.push(bytes[i]!);
          link.h2.consumed(stream, end - start);
          value.ended = ended;
          look(stream);
        },
        trailers() {},
        reset() {},
        gone() {},
      };
      const link = new Http2Link("server", conn, host.wheel, user, {});
      link.start();
      return { shutdown: () => link.shutdown(), abort: () => link.goAway() };
    },
  };
  const server = await createServer({ transport, clock, protocols: [protocol] }).listen({ path: "server" });
  const how = { to: "unix:server", transport, clock, protocol: grpc(), ...options };
  const raw = createClient(RawGrpc, how);
  const client = createClient(TestService, how);
  const f = {
    /** Dials fail. */
    away: false,
    clock,
    server,
    streams,
    raw,
    client,
    /** What a stream of messages is answered with, as bytes. */
    async ask(messages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number[][]> {
      const answers: number[][] = [];
      for await (const answer of raw.call({ path: "/a.B/c", messages })) answers.push([...answer]);
      return answers;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([raw.close(), client.close()]);
      await runUntil(clock, server.close());
    },
  };
  return f;
}

async function failure(call: Promise<unknown>): Promise<RpcError> {
  return await assertRejects(() => call, RpcError);
}

const three = (): Uint8Array[] => [1, 2, 3].map((first) => Uint8Array.of(first, first));
const POOLS = [{ type: "channel" }, { type: "mux" }] as const;

describe("a stream that the server did not see", () => {
  for (const pool of POOLS) {
    it(`goes on with all that was sent, after it was refused (${pool.type})`, async () => {
      await using f = await scripted((stream, n) => {
        if (!stream.ended) return;
        if (n < 3) stream.refuse();
        else stream.finish(...stream.messages);
      }, { pool });
      assertEquals(await f.ask(three()), [[1, 2, 3]]);
      assertEquals([f.streams.map(({ messages }) => messages), f.server.stats.accepted], [Array(3).fill([1, 2, 3]), 1]);
    });

    it(`goes on on another connection, after a GOAWAY of an earlier one (${pool.type})`, async () => {
      const more = deferred<void>();
      await using f = await scripted((stream, n) => {
        if (n === 1 && stream.messages.length === 2) stream.goaway();
        else if (n === 2 && stream.messages.length === 2) more.resolve();
        else if (n === 2 && stream.ended) stream.finish(...stream.messages);
      }, { pool });
      async function* messages() {
        const [one, two, last] = three();
        yield one!;
        yield two!;
        await more.promise;
        yield last!;
      }
      assertEquals(await f.ask(messages()), [[1, 2, 3]]);
      assertEquals([f.streams.length, f.server.stats.accepted], [2, 2]);
    });
  }

  it("goes on whatever its kind is", async () => {
    let refused = 0;
    await using f = await scripted((stream) => {
      if (!stream.ended) return;
      if (++refused % 2 === 1) stream.refuse();
      else stream.finish();
    });
    const requests = [{ payload: { body: new Uint8Array(9) } }, {}];
    assertEquals((await f.client.streamingInputCall(requests)).aggregatedPayloadSize, 0);
    for await (const { payload } of f.client.streamingOutputCall({})) assertEquals(payload, undefined);
    for await (const { payload } of f.client.fullDuplexCall(requests)) assertEquals(payload, undefined);
    assertEquals(f.streams.length, 6);
    assertEquals(f.streams.map(({ content }) => content.length), [23, 23, 5, 5, 23, 23]);
  });

  it("goes on with the bytes that were sent, though their memory has other content by then", async () => {
    await using f = await scripted((stream, n) => {
      if (!stream.ended) return;
      if (n === 1) stream.refuse();
      else stream.finish(...stream.messages);
    });
    const message = new Uint8Array(100);
    function* messages() {
      for (const first of [1, 2, 3]) yield message.fill(first);
      message.fill(9);
    }
    assertEquals(await f.ask(messages()), [[1, 2, 3]]);
  });

  it("holds its caller back while it has no connection, and then sends what came meanwhile", async () => {
    let taken = 0;
    await using f = await scripted((stream, n) => {
      if (n === 1 && stream.messages.length === 2) {
        f.away = true;
        stream.goaway();
      } else if (stream.ended) stream.finish(stream.messages.length & 0xff, stream.messages[199]!);
    });
    async function* messages() {
      while (taken < 200) {
        yield Uint8Array.of(++taken);
        if (taken > 1) await turns();
      }
    }
    const answers: number[][] = [];
    const call = (async () => {
      const answered = f.raw.call({ path: "/a.B/c", messages: messages() }, { waitForReady: true });
      for await (const answer of answered) answers.push([...answer]);
    })();
    for (let i = 0; i < 5; i++) await turns();
    assert(taken <= 4, `${taken} messages were taken`);
    f.away = false;
    await runUntil(f.clock, call);
    assertEquals([answers, f.streams.length], [[[200, 200]], 2]);
  });

  it("ends with its caller's signal and its deadline while it has no connection", async () => {
    await using f = await scripted((stream) => {
      f.away = true;
      if (stream.ended) stream.goaway();
    });
    const controller = new AbortController();
    const call = async (options: object): Promise<void> => {
      for await (const _ of f.raw.call({ path: "/a/b", messages: three() }, { waitForReady: true, ...options }));
    };
    const [given, late] = [failure(call({ signal: controller.signal })), failure(call({ timeoutMs: 500 }))];
    await turns();
    assertEquals([f.streams.length > 0, f.server.stats.connections], [true, 0]);
    controller.abort();
    assertEquals((await given).kind, "canceled");
    assertEquals((await runUntil(f.clock, late)).kind, "timeout");
  });

  it("asks for no connection any more once its reader left, or waited too long for a message", async () => {
    for (const recvTimeoutMs of [0, 300]) {
      const pool = { type: "channel", idleTimeoutMs: 60_000 } as const;
      await using f = await scripted((stream) => {
        f.away = true;
        if (stream.ended) stream.goaway();
      }, { pool });
      const call = f.raw.call({ path: "/a/b", messages: three() }, { waitForReady: true, recvTimeoutMs });
      const reader = call[Symbol.asyncIterator]();
      const first = reader.next().then(() => undefined, (error) => error);
      await turns();
      if (recvTimeoutMs === 0) await reader.return!();
      else assertEquals((await runUntil(f.clock, first) as RpcError).kind, "timeout");
      for (let i = 0; i < 10; i++) {
        f.clock.advance(10_000);
        await turns();
      }
      assertEquals(channelOf(f.raw).state, "idle");
    }
  });

  it("is told to its balancer each time that it begins and ends", async () => {
    const heard: string[] = [];
    const balancer = readyOnly({
      name: "listening",
      picker: ([only]) => ({
        pick: () => only,
        begun: () => void heard.push("begun"),
        ended: (_, { error }) => void heard.push(error === undefined ? "well" : (error as RpcError).kind),
      }),
    });
    await using f = await scripted((stream, n) => {
      if (!stream.ended) return;
      if (n < 3 || n === 4) stream.refuse();
      else stream.finish();
    }, { balancer });
    await f.client.streamingInputCall([]);
    assertEquals(heard, ["begun", "unavailable", "begun", "unavailable", "begun", "well"]);
    heard.length = 0;
    for await (const _ of f.client.streamingOutputCall({})); // of these the opening counts
    assertEquals([heard, f.streams.length], [["begun", "well"], 5]);
  });

  it("fails when it was refused too often", async () => {
    await using f = await scripted((stream) => stream.refuse());
    const error = await failure(f.ask(three()));
    assertEquals([error.kind, error.code, f.streams.length], ["unavailable", GrpcStatus.UNAVAILABLE, 4]);
  });
});

describe("a stream that the server may have seen", () => {
  it("is not begun again once the server has begun to answer", async () => {
    await using f = await scripted((stream) => {
      if (!stream.ended) return;
      stream.begin();
      stream.refuse();
    });
    const calls = [f.ask(three()), f.client.streamingInputCall([]), f.client.unaryCall({})];
    for (const call of calls) assertEquals((await failure(call)).code, GrpcStatus.UNAVAILABLE);
    assertEquals(f.streams.length, 3);
  });

  it("is not begun again where it just broke", async () => {
    await using f = await scripted((stream) => {
      if (stream.ended) void f.server.close();
    });
    const call = failure(f.ask(three()));
    await turns();
    await runUntil(f.clock, f.server.close());
    assertEquals([(await call).kind, f.streams.length], ["transport", 1]);
  });

  it("is not begun again when more was sent than is kept", async () => {
    await using f = await scripted((stream) => {
      if (stream.ended) stream.refuse();
    });
    const large = Array.from({ length: 30 }, () => new Uint8Array(10_000));
    assertEquals((await failure(f.ask(large))).code, GrpcStatus.UNAVAILABLE);
    assertEquals(f.streams.length, 1);
  });
});
