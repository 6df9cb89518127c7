import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import { BufferedConnection } from "../../../lib/io/buffered_connection.ts";
import type { Connection } from "../../../lib/io/connection.ts";
import type { Transport } from "../../../lib/io/raw.ts";
import { type EventHandlers, EventLoop } from "../../../lib/io/event_loop.ts";
import { memory } from "../../../transports/memory.ts";
import { FakeRaw } from "./fake_raw.ts";

const ADDRESS = { path: "/echo" };

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}
function gate(): Gate {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => open = resolve);
  return { opened, open };
}

async function serve(
  handlers: EventHandlers,
): Promise<{ loop: EventLoop; dial: () => Promise<BufferedConnection>; network: Transport }> {
  const network = memory();
  const loop = new EventLoop(handlers);
  await loop.listen(network, ADDRESS);
  const dial = async (): Promise<BufferedConnection> => {
    const connection = new BufferedConnection(await network.dial(ADDRESS));
    connection.start();
    return connection;
  };
  return { loop, dial, network };
}

function send(connection: BufferedConnection, text: string): void {
  connection.writer.writeString(text);
  connection.writer.flush();
}

/** Answers every byte as it is. */
const echo: EventHandlers = {
  onRequest({ reader, writer }) {
    writer.writeBinary(reader.next(reader.len) as Uint8Array);
    writer.flush();
    reader.release();
  },
};

/** Microtasks enough for anything in memory to have happened. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

describe("EventLoop", () => {
  it("echoes with Reader and Writer", async () => {
    const { loop, dial } = await serve(echo);
    const connection = await dial();
    for (const text of ["one", "two", "x".repeat(100_000)]) {
      send(connection, text);
      assertEquals(await connection.reader.readString(text.length), text);
    }
    await connection.close();
    await loop.shutdown();
  });

  it("serves a handler in push mode", async () => {
    let closed = 0;
    const { loop, dial } = await serve({
      session: (connection) => ({
        data(bytes) {
          const { output } = connection;
          output.reserve(bytes.length);
          output.bytes.set(bytes, output.pos);
          output.pos += bytes.length;
          return bytes.length;
        },
        close: () => void closed++,
      }),
    });
    const connection = await dial();
    send(connection, "abc");
    assertEquals(await connection.reader.readString(3), "abc");
    await loop.shutdown();
    assertEquals([closed, loop.size], [1, 0]);
  });

  it("calls back in order, one callback at a time", async () => {
    const events: string[] = [];
    const connecting = gate();
    const requesting = gate();
    const { loop, dial } = await serve({
      onPrepare: () => void events.push("prepare"),
      async onConnect() {
        events.push("connect");
        await connecting.opened;
        events.push("connected");
      },
      async onRequest({ reader }) {
        events.push(`request ${await reader.readString(reader.len)}`);
        await requesting.opened;
        events.push("requested");
      },
      onDisconnect: (connection) => void events.push(`disconnect ${connection.isActive}`),
      onClose: (_, reason) => void events.push(`close ${reason}`),
    });
    const connection = await dial();
    send(connection, "a");
    await settle();
    assertEquals(events, ["prepare", "connect"]);
    connecting.open();
    await settle();
    assertEquals(events.slice(2), ["connected", "request a"]);
    send(connection, "b");
    void connection.close();
    await settle();
    assertEquals(events.slice(4), ["disconnect false"]);
    requesting.open();
    await settle();
    assertEquals(events.slice(5), ["requested", "request b", "requested", "close undefined"]);
    await loop.shutdown();
  });

  it("gives input its request when the peer has sent and left while onConnect ran", async () => {
    const events: string[] = [];
    const connecting = gate();
    const { loop, dial } = await serve({
      onConnect: () => connecting.opened,
      onRequest({ reader }) {
        events.push(`request ${reader.readString(reader.len)}`);
      },
      onDisconnect: () => void events.push("disconnect"),
      onClose: () => void events.push("close"),
    });
    const connection = await dial();
    send(connection, "last words");
    void connection.close();
    await settle();
    assertEquals(events, []);
    connecting.open();
    await settle();
    assertEquals(events, ["disconnect", "request last words", "close"]);
    await loop.shutdown();
  });

  it("calls again while input is left and consumed, and not when it is left alone", async () => {
    const seen: number[] = [];
    const { loop, dial } = await serve({
      onRequest({ reader }) {
        seen.push(reader.len);
        if (reader.len >= 2) reader.skip(2);
      },
    });
    const connection = await dial();
    send(connection, "abcde");
    await settle();
    assertEquals(seen, [5, 3, 1]);
    send(connection, "f");
    await settle();
    assertEquals(seen, [5, 3, 1, 2]);
    await loop.close();
  });

  it("calls again for what arrived with the bytes that a running request waited for", async () => {
    const seen: string[] = [];
    const { loop, dial } = await serve({
      async onRequest({ reader }) {
        seen.push(await reader.readString(4));
      },
    });
    const connection = await dial();
    send(connection, "ab");
    await settle();
    send(connection, "cd1234");
    await settle();
    assertEquals(seen, ["abcd", "1234"]);
    await loop.close();
  });

  it("aborts only the connection whose callback throws or rejects", async () => {
    for (const name of ["onPrepare", "onConnect", "onRequest", "onDisconnect"] as const) {
      for (const late of [false, true]) {
        if (late && (name === "onPrepare" || name === "onDisconnect")) continue;
        let bad = true;
        const reasons: unknown[] = [];
        const { loop, dial } = await serve({
          ...echo,
          [name](connection: BufferedConnection) {
            if (bad) {
              if (late) return Promise.reject(new Error(name));
              throw new Error(name);
            }
            if (name === "onRequest") return echo.onRequest!(connection);
          },
          onClose: (_, reason) => void reasons.push((reason as Error | undefined)?.message),
        });
        const broken = await dial();
        if (broken.isActive) send(broken, "x");
        await settle();
        if (name === "onDisconnect") void broken.close();
        await settle();
        assertEquals(reasons, [name]);
        bad = false;
        const connection = await dial();
        send(connection, "fine");
        assertEquals(await connection.reader.readString(4), "fine");
        assertEquals(loop.size, 1);
        await loop.close();
      }
    }
  });

  it("tells of a peer that broke off, and not of a close of its own", async () => {
    for (const own of [false, true]) {
      const events: string[] = [];
      const { loop, dial } = await serve({
        onRequest: (connection) => own ? connection.abort(new Error("mine")) : undefined,
        onDisconnect: () => void events.push("disconnect"),
        onClose: () => void events.push("close"),
      });
      const connection = await dial();
      send(connection, "x");
      await settle();
      if (!own) connection.abort();
      await settle();
      assertEquals(events, own ? ["close"] : ["disconnect", "close"]);
      await loop.shutdown();
    }
  });

  it("refuses a connection in onPrepare", async () => {
    for (const how of ["abort", "close"] as const) {
      const { loop, dial } = await serve({
        ...echo,
        onPrepare: (connection) => void connection[how](),
      });
      const connection = await dial();
      await assertRejects(() => connection.reader.next(1) as Promise<unknown>, RpcError);
      await settle();
      assertEquals(loop.size, 0);
      await loop.shutdown();
    }
  });

  it("leaves the end of a connection to its user when it has no callbacks for requests", async () => {
    const { loop, dial } = await serve({ onDisconnect: (connection) => void order.push(connection.reader.len) });
    const order: number[] = [];
    const connection = await dial();
    send(connection, "abc");
    void connection.close();
    await settle();
    assertEquals([order, loop.size], [[3], 1]);
    await loop.close();
  });
});

describe("EventLoop, shutdown", () => {
  it("stops accepting, closes idle connections and waits for busy ones", async () => {
    const answering = gate();
    const { loop, dial } = await serve({
      async onRequest({ reader, writer }) {
        reader.skip(reader.len);
        await answering.opened;
        writer.writeString("answer");
        writer.flush();
      },
    });
    const idle = await dial();
    const busy = await dial();
    send(busy, "x");
    await settle();
    let done = false;
    const shutdown = loop.shutdown().then(() => done = true);
    await settle();
    await assertRejects(() => dial(), RpcError);
    assertEquals([idle.isActive, loop.size, done], [false, 1, false]);
    answering.open();
    assertEquals(await busy.reader.readString(6), "answer");
    await shutdown;
    assertEquals(loop.size, 0);
  });

  it("serves a message that has begun before it closes", async () => {
    const { loop, dial } = await serve({
      onRequest({ reader, writer }) {
        if (reader.len < 4) return;
        writer.writeBinary(reader.next(4) as Uint8Array);
        writer.flush();
      },
    });
    const connection = await dial();
    send(connection, "ab");
    await settle();
    const shutdown = loop.shutdown();
    await settle();
    assertEquals(loop.size, 1);
    send(connection, "cd");
    assertEquals(await connection.reader.readString(4), "abcd");
    await shutdown;
  });

  it("leaves busy connections be when the signal fires, or aborts them by force", async () => {
    const reasons: unknown[] = [];
    const never = gate();
    const { loop, dial } = await serve({
      onRequest({ reader }) {
        reader.skip(reader.len);
        return never.opened;
      },
      onClose: (_, reason) => void reasons.push(reason),
    });
    const connection = await dial();
    send(connection, "x");
    await settle();
    const controller = new AbortController();
    const patient = loop.shutdown({ signal: controller.signal });
    await settle();
    const why = new Error("long enough");
    controller.abort(why);
    assertEquals(await assertRejects(() => patient), why);
    assert(connection.isActive);
    await loop.shutdown({ signal: AbortSignal.abort(why), force: true });
    await settle();
    assertEquals(connection.isActive, false);
    // Gone for the peer; for the loop only once its callback has ended.
    assertEquals([reasons.length, loop.size], [0, 1]);
    never.open();
    await settle();
    assertEquals([(reasons[0] as RpcError).kind, loop.size], ["unavailable", 0]);
  });

  it("lets push-mode sessions end when they can", async () => {
    const left: Connection[] = [];
    const { loop, dial } = await serve({
      session: () => ({ data: (bytes) => bytes.length, close: () => {} }),
      onShutdown: (connection) => void left.push(connection),
    });
    await dial();
    await settle();
    const shutdown = loop.shutdown();
    await settle();
    assertEquals([left.length, loop.size], [1, 1]);
    void left[0]!.close();
    await shutdown;
  });

  it("accepts nothing afterwards and can be shut down twice", async () => {
    const { loop, network } = await serve(echo);
    await Promise.all([loop.shutdown(), loop.shutdown()]);
    await assertRejects(() => loop.listen(network, { path: "/other" }), RpcError);
    const raw = new FakeRaw();
    loop.accept(raw);
    assertEquals([raw.calls, loop.size], [["abort"], 0]);
  });

  it("closes what it owns at the end of a scope", async () => {
    const { loop, dial } = await serve(echo);
    const connection = await dial();
    await settle();
    await loop[Symbol.asyncDispose]();
    await settle();
    assertEquals([loop.size, connection.isActive], [0, false]);
  });

  it("shows its connections", async () => {
    const { loop, dial } = await serve(echo);
    await dial();
    await dial();
    await settle();
    assertEquals([loop.size, [...loop.connections].length], [2, 2]);
    await loop.close();
  });
});
