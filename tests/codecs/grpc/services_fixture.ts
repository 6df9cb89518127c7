/**
 * A server on a memory transport with services of both kinds, and clients of gRPC's own services.
 *
 * @module
 */
import { grpc } from "../../../codecs/grpc/protocol.ts";
import type { ProtobufService } from "../../../codecs/protobuf/service.ts";
import {
  type Client,
  type ClientHandle,
  createClient,
  createServer,
  type RunningServer,
  type Server,
} from "../../../core.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService } from "../../interop/gen/echo.ts";
import { testHandlers, TestService } from "../../interop/grpc_handlers.ts";
import { echoHandlers } from "../../interop/handlers.ts";

/** What a test works with. */
export interface Fixture {
  /** The server, which serves `grpc.testing.TestService` and the Thrift service `EchoService`. */
  readonly server: Server;
  /** The same, once it listens. */
  readonly running: RunningServer;
  /** Makes a client; it is closed with the server. */
  client<C>(service: ProtobufService<unknown, C>): Client<C>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts the server after `prepare` has added what it needs. */
export async function fixture(prepare: (server: Server) => void): Promise<Fixture> {
  const transport = memory();
  const clients: ClientHandle[] = [];
  const server = createServer({ transport, protocols: [grpc()], exitWaitMs: 100 })
    .add(TestService, testHandlers())
    .add(EchoService, echoHandlers());
  prepare(server);
  const running = await server.listen({ path: "server" });
  return {
    server,
    running,
    client<C>(service: ProtobufService<unknown, C>) {
      const client = createClient(service, { to: "unix:server", transport, protocol: grpc() });
      clients.push(client as unknown as ClientHandle);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await running.close();
    },
  };
}
