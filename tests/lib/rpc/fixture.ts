/**
 * A server and clients of `echo.thrift` over memory, with a clock that tests steer.
 *
 * @module
 */
import { buffered, framed } from "../../../codecs/thrift/protocol.ts";
import {
  type Client,
  type ClientOptions,
  createClient,
  createServer,
  type RunningServer,
  type ServerOptions,
} from "../../../core.ts";
import type { RawConn, Transport } from "../../../lib/io/raw.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService, type EchoServiceClient, type EchoServiceHandlers } from "../../interop/gen/echo.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import { ManualClock } from "../io/manual_clock.ts";

/** What a test works with. */
export interface Fixture {
  readonly clock: ManualClock;
  readonly transport: Transport;
  readonly server: RunningServer;
  /** Makes a client; the fixture closes it. */
  client(options?: Partial<ClientOptions>): Client<EchoServiceClient>;
  /** Opens a connection and gives what comes back on it. */
  raw(): Promise<RawPeer>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a server with the handlers given, the rest as the interop suite has them. */
export async function fixture(
  handlers: Partial<EchoServiceHandlers> = {},
  options: Partial<ServerOptions> = {},
): Promise<Fixture> {
  const clock = new ManualClock();
  const transport = memory();
  const clients: Client<EchoServiceClient>[] = [];
  const server = await createServer({
    transport,
    protocols: [framed(), buffered()],
    clock,
    exitWaitMs: 1_000,
    ...options,
  })
    .add(EchoService, { ...echoHandlers(), ...handlers })
    .listen({ path: "server" });
  return {
    clock,
    transport,
    server,
    client(more = {}) {
      const client = createClient(EchoService, { to: "unix:server", transport, protocol: framed(), clock, ...more });
      clients.push(client);
      return client;
    },
    raw: async () => new RawPeer(await transport.dial({ path: "server" })),
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await runUntil(clock, server.close());
    },
  };
}

/** Moves the clock on, turn by turn, until the promise is settled; gives its outcome. */
export async function runUntil<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let settled = false;
  const done = (): void => void (settled = true);
  promise.then(done, done);
  for (;;) {
    await new Promise<void>((resolve) => setTimeout(resolve));
    if (settled) return await promise;
    clock.advance(50);
  }
}

/** A peer that speaks bytes. */
export class RawPeer {
  readonly conn: RawConn;
  #bytes: number[] = [];
  #wake: (() => void) | undefined;
  /** True once the connection is gone. */
  closed = false;

  constructor(conn: RawConn) {
    this.conn = conn;
    conn.start({
      chunk: (bytes) => {
        this.#bytes.push(...bytes);
        this.#wake?.();
      },
      end: () => this.#gone(),
      drain: () => {},
      close: () => this.#gone(),
    });
  }

  /** Sends bytes given as hex, blanks ignored. */
  send(hex: string): void {
    const digits = hex.replaceAll(/\s/g, "");
    const bytes = Uint8Array.from(
      { length: digits.length / 2 },
      (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16),
    );
    if (this.conn.write(bytes) !== bytes.length) throw new Error("short write");
  }

  /** Waits for so many bytes more and gives them as hex, or what came before the connection ended. */
  async receive(count: number): Promise<string> {
    while (this.#bytes.length < count && !this.closed) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.#bytes.splice(0, count).map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Gives what came as hex, without waiting. */
  take(): string {
    return this.#bytes.splice(0).map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Waits for one framed message and gives it as hex without its length. */
  async receiveFrame(): Promise<string> {
    const length = await this.receive(4);
    return length === "" ? "" : await this.receive(parseInt(length, 16));
  }

  /** Waits for the end of the connection. */
  async ended(): Promise<void> {
    while (!this.closed) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  #gone(): void {
    this.closed = true; // a FIN counts: nothing more will come
    this.#wake?.();
  }
}

/** A framed strict binary message as hex: the body is everything behind the sequence id. */
export function frame(type: number, name: string, seqid: number, body: string): string {
  const u32 = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");
  const nameHex = Array.from(new TextEncoder().encode(name), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const message = `800100${type.toString(16).padStart(2, "0")}${u32(nameHex.length / 2)}${nameHex}${u32(seqid)}${body}`
    .replaceAll(/\s/g, "");
  return u32(message.length / 2) + message;
}

/** A promise with its ends. */
export function deferred<T = void>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}
