/**
 * What channelz knows as the messages of `grpc.channelz.v1`.
 *
 * @module
 */
import type { ChannelState } from "../../../lib/discovery/balancer.ts";
import { describeEndpoint } from "../../../lib/io/endpoint.ts";
import type { MessageInitShape } from "../../protobuf/message_codec.ts";
import {
  ChannelConnectivityState_State as State,
  type ChannelSchema,
  ChannelTraceEvent_Severity as Severity,
  type ChannelTraceSchema,
  type ServerSchema,
  type SocketDataSchema,
  type SocketRefSchema,
  type SocketSchema,
  type SubchannelSchema,
} from "../gen/grpc/channelz/v1/channelz_pb.ts";
import { addressOf } from "./address.ts";
import type { CallCounts } from "./call_counts.ts";
import type { ChannelEntry, ServerEntry, SubchannelEntry } from "./entries.ts";
import type { EventTrace } from "./event_trace.ts";
import type { SocketEntry } from "./socket_entry.ts";

/** Subchannels that a channel, and sockets that a subchannel, is answered with: the rest is left out. */
const MAX_REFS = 1_000;
/** The most that a uint32 can say. */
const MOST = 0xffff_ffff;

const STATES: Readonly<Record<ChannelState, State>> = {
  "idle": State.IDLE,
  "connecting": State.CONNECTING,
  "ready": State.READY,
  "transient-failure": State.TRANSIENT_FAILURE,
  "shutdown": State.SHUTDOWN,
};

/** A server. */
export function serverMessage(server: ServerEntry): MessageInitShape<typeof ServerSchema> {
  const { id, running, calls, trace } = server;
  return {
    ref: { serverId: BigInt(id), name: running?.address ?? "" },
    data: { trace: traceMessage(trace), ...callsMessage(calls) },
    listenSocket: [listenRef(server)],
  };
}

/** A channel. */
export function channelMessage(entry: ChannelEntry): MessageInitShape<typeof ChannelSchema> {
  const { id, channel, calls, trace, subchannels } = entry;
  return {
    ref: { channelId: BigInt(id), name: channel.target },
    data: {
      state: { state: STATES[channel.state] },
      target: channel.target,
      trace: traceMessage(trace),
      ...callsMessage(calls),
    },
    subchannelRef: first(subchannels.values()).map(({ id, name }) => ({ subchannelId: BigInt(id), name })),
  };
}

/** A subchannel. */
export function subchannelMessage(entry: SubchannelEntry): MessageInitShape<typeof SubchannelSchema> {
  const { id, name, subchannel, calls, trace, sockets } = entry;
  return {
    ref: { subchannelId: BigInt(id), name },
    data: {
      state: { state: STATES[subchannel.state] },
      target: name,
      trace: traceMessage(trace),
      ...callsMessage(calls),
      maxConnectionsPerSubchannel: 1,
    },
    socketRef: first(sockets.values()).map(socketRef),
  };
}

/** A connection's name and id. */
export function socketRef({ id, name }: SocketEntry): MessageInitShape<typeof SocketRefSchema> {
  return { socketId: BigInt(id), name };
}

/** A connection. */
export function socketMessage(entry: SocketEntry): MessageInitShape<typeof SocketSchema> {
  const { local, remote, tls } = entry.socket.conn;
  return {
    ref: socketRef(entry),
    data: socketData(entry),
    local: addressOf(local),
    remote: addressOf(remote),
    ...(tls === undefined ? {} : { security: securityMessage(tls.peerCertificate) }),
  };
}

/** The socket that a server listens on. */
export function listenMessage(server: ServerEntry): MessageInitShape<typeof SocketSchema> {
  const local = server.running?.local;
  return { ref: listenRef(server), data: {}, ...(local === undefined ? {} : { local: addressOf(local) }) };
}

function listenRef({ listenId, running }: ServerEntry): MessageInitShape<typeof SocketRefSchema> {
  return { socketId: BigInt(listenId), name: running === undefined ? "" : describeEndpoint(running.local) };
}

function socketData(entry: SocketEntry): MessageInitShape<typeof SocketDataSchema> {
  const { socket: { h2, pingsSent }, sent, received, streamMs, sentMs, receivedMs } = entry;
  const { streams, succeeded, failed, sendWindow, receiveWindow, goaway } = h2.stats;
  const client = h2.role === "client";
  return {
    streamsStarted: BigInt(streams),
    streamsSucceeded: BigInt(succeeded),
    streamsFailed: BigInt(failed),
    messagesSent: BigInt(sent),
    messagesReceived: BigInt(received),
    keepAlivesSent: BigInt(pingsSent),
    ...(client ? { lastLocalStreamCreatedTimestamp: timestamp(streamMs) } : {
      lastRemoteStreamCreatedTimestamp: timestamp(streamMs),
    }),
    lastMessageSentTimestamp: timestamp(sentMs),
    lastMessageReceivedTimestamp: timestamp(receivedMs),
    localFlowControlWindow: BigInt(sendWindow),
    remoteFlowControlWindow: BigInt(receiveWindow),
    receivedGoawayError: goaway,
    peerMaxConcurrentStreams: client ? Math.min(h2.peer.maxConcurrentStreams, MOST) : 0,
  };
}

/** The runtimes do not tell which cipher was agreed on. */
function securityMessage(peerCertificate: Uint8Array | undefined): MessageInitShape<typeof SocketSchema>["security"] {
  const value = peerCertificate === undefined ? {} : { remoteCertificate: peerCertificate };
  return { model: { case: "tls", value } };
}

function callsMessage({ begun, succeeded, failed, lastBegunMs }: CallCounts): {
  callsStarted: bigint;
  callsSucceeded: bigint;
  callsFailed: bigint;
  lastCallStartedTimestamp: Timestamp | undefined;
} {
  return {
    callsStarted: BigInt(begun),
    callsSucceeded: BigInt(succeeded),
    callsFailed: BigInt(failed),
    lastCallStartedTimestamp: timestamp(lastBegunMs),
  };
}

function traceMessage({ createdMs, logged, events }: EventTrace): MessageInitShape<typeof ChannelTraceSchema> {
  return {
    numEventsLogged: BigInt(logged),
    creationTimestamp: timestamp(createdMs),
    events: events.map(({ atMs, description, warning, subchannel }) => ({
      description,
      severity: warning ? Severity.CT_WARNING : Severity.CT_INFO,
      timestamp: timestamp(atMs),
      ...(subchannel === undefined ? {} : {
        childRef: {
          case: "subchannelRef" as const,
          value: { subchannelId: BigInt(subchannel.id), name: subchannel.name },
        },
      }),
    })),
  };
}

/** A `google.protobuf.Timestamp`. */
interface Timestamp {
  readonly seconds: bigint;
  readonly nanos: number;
}

function timestamp(ms: number | undefined): Timestamp | undefined {
  if (ms === undefined) return undefined;
  const seconds = Math.floor(ms / 1000);
  return { seconds: BigInt(seconds), nanos: Math.floor((ms - seconds * 1000) * 1e6) };
}

function first<T>(all: Iterable<T>): T[] {
  const found: T[] = [];
  for (const one of all) if (found.push(one) === MAX_REFS) break;
  return found;
}
