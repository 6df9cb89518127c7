/**
 * Addresses in memory where gRPC servers come and go, and clients of them, with a clock that tests steer.
 *
 * @module
 */
import { grpc, type GrpcOptions } from "../../../codecs/grpc/protocol.ts";
import {
  type Client,
  type ClientOptions,
  createClient,
  createServer,
  type RunningServer,
  type Transport,
} from "../../../core.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService, type EchoServiceClient, type EchoServiceHandlers } from "../../interop/gen/echo.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";
import { runUntil } from "../../lib/rpc/fixture.ts";

/** What a test works with. Servers are told apart by their port, at 10.0.0.1. */
export interface Network {
  readonly clock: ManualClock;
  readonly transport: Transport;
  /** Each dial: the port, and the clock's milliseconds since the beginning. */
  readonly dials: [port: number, atMs: number][];
  /** Ports that accept connections and say nothing. */
  readonly mute: Set<number>;
  /** The port of each call that was run. */
  readonly served: number[];
  /** Starts a server at a port. */
  up(port: number, options?: GrpcOptions, handlers?: Partial<EchoServiceHandlers>): Promise<RunningServer>;
  /** Ends it. */
  down(port: number): Promise<void>;
  /** Makes a client; it is closed at the end. */
  client(to: ClientOptions["to"], options?: Partial<ClientOptions>): Client<EchoServiceClient>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Begins with no server. */
export function network(): Network {
  const clock = new ManualClock();
  const beganMs = clock.now();
  const inner = memory();
  const dials: [number, number][] = [];
  const mute = new Set<number>();
  const served: number[] = [];
  const running = new Map<number, RunningServer>();
  const clients: Client<EchoServiceClient>[] = [];
  const transport: Transport = {
    ...inner,
    async dial(to, options) {
      const port = "port" in to ? to.port : 0;
      dials.push([port, Math.round(clock.now() - beganMs)]);
      if (!mute.has(port)) return await inner.dial(to, options);
      const listener = await inner.listen(to, (conn) => conn.start({ chunk() {}, end() {}, drain() {}, close() {} }));
      const conn = await inner.dial(to, options);
      await listener.close();
      return conn;
    },
  };
  const net: Network = {
    clock,
    transport,
    dials,
    mute,
    served,
    async up(port, options = {}, handlers = {}) {
      const ping = (): void => void served.push(port);
      const server = await createServer({ transport: inner, protocols: [grpc(options)], clock, exitWaitMs: 1_000 })
        .add(EchoService, { ...echoHandlers(), ping, ...handlers })
        .listen({ hostname: "10.0.0.1", port });
      running.set(port, server);
      return server;
    },
    async down(port) {
      const server = running.get(port)!;
      running.delete(port);
      await runUntil(clock, server.close());
    },
    client(to, options = {}) {
      const client = createClient(EchoService, {
        to,
        transport,
        protocol: grpc(),
        clock,
        random: () => 0.5,
        ...options,
      });
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      for (const port of [...running.keys()]) await net.down(port);
    },
  };
  return net;
}

/** Addresses at 10.0.0.1. */
export function at(...ports: number[]): string[] {
  return ports.map((port) => `10.0.0.1:${port}`);
}

/** Lets everything run that needs no time. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve));
}
