/**
 * gRPC's channelz: tells tools such as grpcdebug what servers, channels and connections of this process do.
 *
 * Spec: gRFC A14 (github.com/grpc/proposal).
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Server } from "../../lib/rpc/server.ts";
import { protobufService } from "../protobuf/service.ts";
import {
  channelMessage,
  listenMessage,
  serverMessage,
  socketMessage,
  socketRef,
  subchannelMessage,
} from "./channelz/messages.ts";
import { pageOf } from "./channelz/page.ts";
import type { Channelz } from "./channelz/recorder.ts";
import { type ChannelzOptions, Registry } from "./channelz/registry.ts";
import { Channelz as ChannelzDesc } from "./gen/grpc/channelz/v1/channelz_pb.ts";
import { GrpcError, GrpcStatus } from "./status.ts";

/**
 * Makes what `grpc({ channelz })` tells of its servers and clients; one for a process, or as many as there are things to be kept
 * apart. Throws an `RpcError` of kind `"invalid"` for a number of events that cannot be kept.
 */
export function createChannelz(options: ChannelzOptions = {}): Channelz {
  return new Registry(options);
}

/**
 * Adds `grpc.channelz.v1.Channelz` to a server; it tells of all that `channelz` was given to. Throws an `RpcError` of kind
 * `"invalid"` if it is there already, no protocol of the server carries Protocol Buffers, or `createChannelz` did not make `channelz`.
 */
export function addChannelz(server: Server, channelz: Channelz): void {
  if (!(channelz instanceof Registry)) throw new RpcError("invalid", "`channelz` is not of `createChannelz`");
  const registry = channelz;
  server.add(protobufService(ChannelzDesc), {
    getTopChannels({ startChannelId, maxResults }) {
      const { page, end } = pageOf(registry.channels.values(), startChannelId, maxResults);
      return { channel: page.map(channelMessage), end };
    },
    getServers({ startServerId, maxResults }) {
      const { page, end } = pageOf(registry.servers.values(), startServerId, maxResults);
      return { server: page.map(serverMessage), end };
    },
    getServer: ({ serverId }) => ({ server: serverMessage(found("server", registry.servers, serverId)) }),
    getServerSockets({ serverId, startSocketId, maxResults }) {
      const { sockets } = found("server", registry.servers, serverId);
      const { page, end } = pageOf(sockets.values(), startSocketId, maxResults);
      return { socketRef: page.map(socketRef), end };
    },
    getChannel: ({ channelId }) => ({ channel: channelMessage(found("channel", registry.channels, channelId)) }),
    getSubchannel: ({ subchannelId }) => ({
      subchannel: subchannelMessage(found("subchannel", registry.subchannels, subchannelId)),
    }),
    getSocket({ socketId }) {
      const listener = registry.listeners.get(Number(socketId));
      const socket = listener === undefined
        ? socketMessage(found("socket", registry.sockets, socketId))
        : listenMessage(listener);
      return { socket };
    },
  }, { named: true });
}

function found<T>(what: string, table: ReadonlyMap<number, T>, id: bigint): T {
  const entry = table.get(Number(id));
  if (entry !== undefined) return entry;
  throw new GrpcError(GrpcStatus.NOT_FOUND, `${what} ${id} is not known`);
}
