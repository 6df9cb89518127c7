/**
 * A server of `echo.thrift` on a real socket of this runtime, and a bystander on it who must not notice what others do.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  type Client,
  type ClientOptions,
  createClient,
  createServer,
  type RunningServer,
  type ServerOptions,
} from "../../mod.ts";
import type { Transport } from "../../lib/io/raw.ts";
import { auto } from "../../transports/auto.ts";
import { EchoService, type EchoServiceClient, type EchoServiceHandlers } from "../interop/gen/echo.ts";
import { echoHandlers } from "../interop/handlers.ts";
import { RawPeer } from "./raw_peer.ts";

/** What a test works with. */
export interface LiveServer {
  readonly transport: Transport;
  readonly server: RunningServer;
  /** Makes a client; it is closed with the server. */
  client(options?: Partial<ClientOptions>): Client<EchoServiceClient>;
  /** Opens a connection that speaks bytes. */
  raw(options?: { keep?: boolean }): Promise<RawPeer>;
  /** Makes calls on a connection of its own while `work` is under way; each must be answered, all on that connection. */
  beside(work: () => Promise<unknown>): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a server with the handlers given, the rest as the interop suite has them. */
export async function liveServer(
  options: Partial<ServerOptions> = {},
  handlers: Partial<EchoServiceHandlers> = {},
): Promise<LiveServer> {
  const transport = auto();
  const clients: Client<EchoServiceClient>[] = [];
  const server = await createServer({ transport, ...options })
    .add(EchoService, { ...echoHandlers(), ...handlers })
    .listen({ hostname: "127.0.0.1", port: 0 });
  const live: LiveServer = {
    transport,
    server,
    client(more = {}) {
      const client = createClient(EchoService, { to: server.address, transport, ...more });
      clients.push(client);
      return client;
    },
    raw: async (how) => await RawPeer.dial(transport, server.local, how),
    async beside(work) {
      const client = live.client({ pool: { type: "mux" } });
      await client.ping();
      let working = true;
      const goOn = async (): Promise<void> => {
        for (let i = 0; working; i++) assertEquals(await client.echoString(`call ${i}`), `call ${i}`);
      };
      await Promise.all([work().finally(() => working = false), goOn()]);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await server.close();
    },
  };
  return live;
}
