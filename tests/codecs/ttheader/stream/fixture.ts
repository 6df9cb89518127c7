/**
 * A service of streams of numbers over memory, with a clock that tests steer.
 *
 * @module
 */
import {
  type Client,
  type ClientOptions,
  createClient,
  createServer,
  type RunningServer,
  type ServerOptions,
} from "../../../../core.ts";
import { ttheaderStreaming, type TTHeaderStreamingOptions } from "../../../../codecs/ttheader/stream/protocol.ts";
import type { Transport } from "../../../../lib/io/raw.ts";
import type { CallContext, CallOptions } from "../../../../lib/rpc/call.ts";
import type { MethodSchema, ServiceSchema, Streaming } from "../../../../lib/schema/service.ts";
import type { StructSchema } from "../../../../lib/schema/types.ts";
import { memory } from "../../../../transports/memory.ts";
import { ManualClock } from "../../../lib/io/manual_clock.ts";
import { RawPeer, runUntil } from "../../../lib/rpc/fixture.ts";

/** A message: `struct N { 1: i32 n, 2: optional binary padding }`. */
export interface N {
  readonly n: number;
  readonly padding?: Uint8Array | undefined;
}

/** What a server of `Vec` implements. */
export interface VecHandlers {
  bidi(requests: AsyncIterable<N>, context: CallContext): AsyncIterable<N>;
  sum(requests: AsyncIterable<N>, context: CallContext): N | Promise<N>;
  count(request: N, context: CallContext): AsyncIterable<N>;
  once(request: N, context: CallContext): N | Promise<N>;
}

/** What a caller of `Vec` gets. */
export interface VecClient {
  bidi(requests: AsyncIterable<N> | Iterable<N>, options?: CallOptions): AsyncIterable<N>;
  sum(requests: AsyncIterable<N> | Iterable<N>, options?: CallOptions): Promise<N>;
  count(request: N, options?: CallOptions): AsyncIterable<N>;
  once(request: N, options?: CallOptions): Promise<N>;
}

const NSchema: StructSchema = {
  kind: "struct",
  name: "N",
  fields: [
    { id: 1, name: "n", key: "n", type: { kind: "i32" }, requiredness: "default" },
    { id: 2, name: "padding", key: "padding", type: { kind: "binary" }, requiredness: "optional" },
  ],
};

/** The service that the bytes of the tests are of. */
export const Vec: ServiceSchema<VecHandlers, VecClient> = {
  name: "Vec",
  payload: "thrift",
  methods: [method("bidi", "bidi"), method("sum", "client"), method("count", "server"), method("once", "unary")],
};

function method(name: string, streaming: Streaming): MethodSchema {
  const record = (id: number, key: string): StructSchema<Record<string, unknown>> => ({
    kind: "struct",
    name: `${name}_${key}`,
    fields: [{ id, name: key, key, type: { kind: "struct", of: () => NSchema }, requiredness: "default" }],
  });
  return { name, key: name, streaming, oneway: false, args: record(1, "req"), result: record(0, "success") };
}

/** Handlers that give back what comes, add it up, and count to it. */
export function vecHandlers(): VecHandlers {
  return {
    async *bidi(requests) {
      for await (const request of requests) yield request;
    },
    async sum(requests) {
      let n = 0;
      for await (const request of requests) n += request.n;
      return { n };
    },
    async *count(request) {
      for (let n = 0; n < request.n; n++) yield await Promise.resolve({ n });
    },
    once: (request) => request,
  };
}

/** What a test works with. */
export interface Streams {
  readonly clock: ManualClock;
  readonly transport: Transport;
  readonly server: RunningServer;
  readonly failures: string[];
  /** Makes a client; the fixture closes it. */
  client(options?: Partial<ClientOptions>, streaming?: TTHeaderStreamingOptions): Client<VecClient>;
  /** Opens a connection that speaks bytes. */
  raw(): Promise<RawPeer>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a server of `Vec` with the handlers given, the rest as `vecHandlers` has them. */
export async function streams(
  handlers: Partial<VecHandlers> = {},
  streaming: TTHeaderStreamingOptions = {},
  options: Partial<ServerOptions> = {},
): Promise<Streams> {
  const clock = new ManualClock();
  const transport = memory();
  const clients: Client<VecClient>[] = [];
  const failures: string[] = [];
  const onError = (error: Error): void => void failures.push(error.message);
  const protocols = [ttheaderStreaming(streaming)];
  const server = await createServer({ transport, protocols, clock, exitWaitMs: 1_000, onError, ...options })
    .add(Vec, { ...vecHandlers(), ...handlers })
    .listen({ path: "server" });
  return {
    clock,
    transport,
    server,
    failures,
    client(more = {}, own = {}) {
      const client = createClient(Vec, {
        to: "unix:server",
        transport,
        protocol: ttheaderStreaming(own),
        clock,
        ...more,
      });
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

/** All that an iterable gives. */
export async function all(messages: AsyncIterable<N>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { n } of messages) numbers.push(n);
  return numbers;
}

/** Lets everything happen that can happen now. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setTimeout(resolve));
}

/** A promise to be settled by hand. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => open = resolve);
  return { opened, open };
}
