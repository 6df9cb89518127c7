/**
 * A server and clients in memory that tell channelz of themselves, and a client of another server that says what it knows.
 *
 * @module
 */
import { addChannelz, createChannelz } from "../../../codecs/grpc/channelz.ts";
import type { Channelz } from "../../../codecs/grpc/channelz/recorder.ts";
import type { ChannelzOptions } from "../../../codecs/grpc/channelz/registry.ts";
import { Channelz as ChannelzDesc } from "../../../codecs/grpc/gen/grpc/channelz/v1/channelz_pb.ts";
import { grpc, type GrpcOptions } from "../../../codecs/grpc/protocol.ts";
import { type ProtobufService, protobufService } from "../../../codecs/protobuf/service.ts";
import {
  type Client,
  type ClientHandle,
  type ClientOptions,
  createClient,
  createServer,
  type RunningServer,
  type ServerOptions,
  type ServiceSchema,
  type Transport,
} from "../../../core.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService, type EchoServiceHandlers } from "../../interop/gen/echo.ts";
import { testHandlers, TestService } from "../../interop/grpc_handlers.ts";
import { echoHandlers } from "../../interop/handlers.ts";
import type { ServiceOf } from "../../interop/proto_handlers.ts";

/** The service of channelz. */
export const ChannelzService: ServiceOf<typeof ChannelzDesc> = protobufService(ChannelzDesc);

/** When the first thing happens: milliseconds of the epoch. Time moves by a second with each reading. */
export const BEGAN_MS = 1_700_000_000_250;

/** What a test works with. */
export interface ChannelzFixture {
  readonly channelz: Channelz;
  readonly transport: Transport;
  /** Asks; its calls count nowhere. */
  readonly ask: typeof ChannelzService extends ProtobufService<unknown, infer C> ? Client<C> : never;
  /** Starts a server at a port of 10.0.0.1; its protocol tells channelz. */
  up(
    port: number,
    options?: GrpcOptions,
    handlers?: Partial<EchoServiceHandlers>,
    more?: Partial<ServerOptions>,
  ): Promise<RunningServer>;
  /** Makes a client of that server; its protocol tells nobody unless `watched`. */
  client<C>(
    service: ServiceSchema<unknown, C>,
    port: number,
    options?: Partial<ClientOptions> & { watched?: boolean; grpc?: GrpcOptions },
  ): Client<C>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Begins with nothing that channelz could know. */
export async function channelzFixture(options: ChannelzOptions = {}): Promise<ChannelzFixture> {
  let nowMs = BEGAN_MS - 1000;
  const channelz = createChannelz({ now: () => nowMs += 1000, ...options });
  const transport = memory();
  const handles: { close(): Promise<void> }[] = [];
  const kept = <T extends { close(): Promise<void> }>(handle: T): T => {
    handles.push(handle);
    return handle;
  };
  const admin = createServer({ transport, protocols: [grpc()], exitWaitMs: 100 });
  addChannelz(admin, channelz);
  kept(await admin.listen({ path: "admin" }));
  const ask = createClient(ChannelzService, { to: "unix:admin", transport, protocol: grpc() });
  kept(ask as unknown as ClientHandle);
  return {
    channelz,
    transport,
    ask,
    async up(port, options = {}, handlers = {}, more = {}) {
      const protocols = [grpc({ channelz, ...options })];
      return kept(
        await createServer({ transport, protocols, exitWaitMs: 100, ...more })
          .add(TestService, testHandlers())
          .add(EchoService, { ...echoHandlers(), ...handlers })
          .listen({ hostname: "10.0.0.1", port }),
      );
    },
    client(service, port, { watched = false, grpc: own = {}, ...more } = {}) {
      const protocol = grpc({ ...(watched ? { channelz } : {}), ...own });
      const client = createClient(service, { to: `10.0.0.1:${port}`, transport, protocol, random: () => 0.5, ...more });
      kept(client as unknown as ClientHandle);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const handle of handles.reverse()) await handle.close();
    },
  };
}
