import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { addChannelz, createChannelz } from "../../../codecs/grpc/channelz.ts";
import type { Channelz } from "../../../codecs/grpc/channelz/recorder.ts";
import {
  type Address,
  ChannelConnectivityState_State as State,
  ChannelTraceEvent_Severity as Severity,
  type Server,
  type Socket,
} from "../../../codecs/grpc/gen/grpc/channelz/v1/channelz_pb.ts";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import { GrpcError, GrpcStatus } from "../../../codecs/grpc/status.ts";
import { protobufService } from "../../../codecs/protobuf/service.ts";
import { channelOf, type ClientHandle, createServer, type Middleware, RpcError } from "../../../core.ts";
import { EchoException, EchoService } from "../../interop/gen/echo.ts";
import { UnimplementedService as UnimplementedDesc } from "../../interop/gen/grpc_testing_pb.ts";
import { TestService } from "../../interop/grpc_handlers.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";
import { deferred, runUntil } from "../../lib/rpc/fixture.ts";
import { BEGAN_MS, type ChannelzFixture, channelzFixture } from "./channelz_fixture.ts";
import { turns } from "./network.ts";

const FIRST = {};

async function onlyServer(f: ChannelzFixture): Promise<Server> {
  const { server, end } = await f.ask.getServers(FIRST);
  assertEquals([server.length, end], [1, true]);
  return server[0]!;
}

/** The one connection of the one server. */
async function onlySocket(f: ChannelzFixture): Promise<Socket> {
  const { serverId } = (await onlyServer(f)).ref!;
  const { socketRef, end } = await f.ask.getServerSockets({ serverId });
  assertEquals([socketRef.length, end], [1, true]);
  const { socket } = await f.ask.getSocket({ socketId: socketRef[0]!.socketId });
  assertEquals(socket!.ref, socketRef[0]);
  return socket!;
}

function calls(data: { callsStarted: bigint; callsSucceeded: bigint; callsFailed: bigint } | undefined): bigint[] {
  return data === undefined ? [] : [data.callsStarted, data.callsSucceeded, data.callsFailed];
}

function streams({ data }: Socket): bigint[] {
  return data === undefined ? [] : [data.streamsStarted, data.streamsSucceeded, data.streamsFailed];
}

function addressText(address: Address | undefined): string | undefined {
  const one = address?.address;
  return one?.case === "tcpipAddress" ? `${one.value.ipAddress.join(".")}:${one.value.port}` : one?.case;
}

async function status(call: Promise<unknown>): Promise<number> {
  return (await assertRejects(() => call, GrpcError)).code!;
}

describe("addChannelz: servers", () => {
  it("tells of a server, the calls it had and when the last began", async () => {
    await using f = await channelzFixture();
    await f.up(1);
    const before = await onlyServer(f);
    assertEquals([before.ref!.name, calls(before.data)], ["10.0.0.1:1", [0n, 0n, 0n]]);
    assertEquals(before.data!.lastCallStartedTimestamp, undefined);

    const client = f.client(TestService, 1);
    await client.emptyCall({});
    assertEquals(await status(client.unaryCall({ responseStatus: { code: 9 } })), 9);
    const { ref, data } = await onlyServer(f);
    assertEquals([ref, calls(data)], [before.ref, [2n, 1n, 1n]]);
    const { seconds, nanos } = data!.lastCallStartedTimestamp!;
    assertEquals([seconds > BigInt(Math.floor(BEGAN_MS / 1000)), nanos], [true, 250_000_000]);
  });

  it("counts calls that stream by how they end", async () => {
    await using f = await channelzFixture();
    await f.up(1);
    const client = f.client(TestService, 1);
    const responseParameters = [{ size: 1 }, { size: 2 }];
    let count = 0;
    for await (const _ of client.streamingOutputCall({ responseParameters })) count++;
    assertEquals(count, 2);
    assertEquals(calls((await onlyServer(f)).data), [1n, 1n, 0n]);
    const failing = client.streamingOutputCall({ responseStatus: { code: 7 } });
    await assertRejects(() => failing[Symbol.asyncIterator]().next(), GrpcError);
    assertEquals(calls((await onlyServer(f)).data), [2n, 1n, 1n]);
  });

  it("counts a declared exception as OK, and calls that cannot be served as failed", async () => {
    await using f = await channelzFixture();
    await f.up(1);
    assertInstanceOf(await f.client(EchoService, 1).fail("declared").catch((error) => error), EchoException);
    assertEquals(calls((await onlyServer(f)).data), [1n, 1n, 0n]);
    const stranger = f.client(protobufService(UnimplementedDesc), 1);
    assertEquals(await status(stranger.unimplementedCall({})), GrpcStatus.UNIMPLEMENTED);
    assertEquals(calls((await onlyServer(f)).data), [2n, 1n, 1n]);
  });

  it("counts a call that its caller gives up as failed, and as running until then", async () => {
    const begun = deferred<AbortSignal>();
    await using f = await channelzFixture();
    await f.up(1, {}, {
      sleep: (_, { signal }) => {
        begun.resolve(signal);
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
    });
    const caller = new AbortController();
    const call = f.client(EchoService, 1).sleep(1, { signal: caller.signal });
    const signal = await begun.promise;
    assertEquals([calls((await onlyServer(f)).data), streams(await onlySocket(f))], [[1n, 0n, 0n], [1n, 0n, 0n]]);
    const gone = new Promise((resolve) => signal.addEventListener("abort", resolve));
    caller.abort();
    await assertRejects(() => call, RpcError);
    await gone;
    assertEquals([calls((await onlyServer(f)).data), streams(await onlySocket(f))], [[1n, 0n, 1n], [1n, 0n, 1n]]);
  });

  it("tells of the socket it listens on", async () => {
    await using f = await channelzFixture();
    await f.up(1);
    const [listen] = (await onlyServer(f)).listenSocket;
    const { socket } = await f.ask.getSocket({ socketId: listen!.socketId });
    assertEquals([socket!.ref, listen!.name], [listen, "10.0.0.1:1"]);
    assertEquals(addressText(socket!.local), "10.0.0.1:1");
    assertEquals(socket!.remote, undefined);
  });

  it("says what became of a server, and forgets it with its sockets when it is closed", async () => {
    await using f = await channelzFixture();
    const running = await f.up(1);
    await f.client(TestService, 1).emptyCall({});
    const { ref, data, listenSocket } = await onlyServer(f);
    assertEquals(data!.trace!.events.map(({ description }) => description), ["listens on 10.0.0.1:1", "is ready"]);
    const { socketId } = (await onlySocket(f)).ref!;
    await running.close();
    assertEquals((await f.ask.getServers(FIRST)).server, []);
    assertEquals(await status(f.ask.getServer({ serverId: ref!.serverId })), GrpcStatus.NOT_FOUND);
    assertEquals(await status(f.ask.getSocket({ socketId })), GrpcStatus.NOT_FOUND);
    assertEquals(await status(f.ask.getSocket({ socketId: listenSocket[0]!.socketId })), GrpcStatus.NOT_FOUND);
    await f.up(1);
    assert((await onlyServer(f)).ref!.serverId > ref!.serverId);
  });
});

describe("addChannelz: sockets", () => {
  it("tells of a connection of a server: its streams, messages and addresses", async () => {
    await using f = await channelzFixture();
    await f.up(1);
    const client = f.client(TestService, 1);
    await client.emptyCall({});
    for await (const _ of client.streamingOutputCall({ responseParameters: [{ size: 1 }, { size: 1 }] }));
    const { data, local, remote, security } = await onlySocket(f);
    assertEquals([data!.streamsStarted, data!.streamsSucceeded, data!.streamsFailed], [2n, 2n, 0n]);
    assertEquals([data!.messagesReceived, data!.messagesSent, data!.keepAlivesSent], [2n, 3n, 0n]);
    assert(data!.lastRemoteStreamCreatedTimestamp !== undefined && data!.lastLocalStreamCreatedTimestamp === undefined);
    assert(data!.lastMessageSentTimestamp!.seconds > data!.lastMessageReceivedTimestamp!.seconds);
    assertEquals([addressText(local), security], ["10.0.0.1:1", undefined]);
    assert(/^10\.0\.0\.1:\d+$/.test(addressText(remote)!), addressText(remote));
  });

  it("says what both sides may send now", async () => {
    await using f = await channelzFixture();
    const read = deferred<void>();
    await f.up(1, { http2: { connectionWindowBytes: 100_000, maxWindowBytes: 65_535 } }, {
      sleep: () => read.promise.then(() => ""),
    });
    const client = f.client(EchoService, 1, { grpc: { http2: { connectionWindowBytes: 70_000, maxWindowBytes: 1 } } });
    await client.echoString("x".repeat(1000));
    const { data } = await onlySocket(f);
    const { remoteFlowControlWindow: theirs, localFlowControlWindow: ours, peerMaxConcurrentStreams } = data!;
    assert(theirs! < 99_000n && theirs! > 98_000n, `${theirs}`);
    assert(ours! < 69_000n && ours! > 68_000n, `${ours}`);
    assertEquals(peerMaxConcurrentStreams, 0);
    read.resolve();
  });

  it("counts keepalive pings", async () => {
    await using f = await channelzFixture();
    const clock = new ManualClock();
    const begun = deferred<void>();
    const release = deferred<string>();
    const handlers = { sleep: () => (begun.resolve(), release.promise) };
    const running = await f.up(1, { keepalive: { timeMs: 10_000 } }, handlers, { clock });
    const call = f.client(EchoService, 1).sleep(1);
    await begun.promise;
    clock.advance(25_000);
    assertEquals((await onlySocket(f)).data!.keepAlivesSent, 1n);
    release.resolve("");
    await call;
    await runUntil(clock, running.close());
  });
});

describe("addChannelz: channels", () => {
  it("tells of a client's channel, its subchannel and its connection, with their calls", async () => {
    await using f = await channelzFixture();
    await f.up(1, { channelz: undefined, http2: { maxConcurrentStreams: 17 } });
    const client = f.client(TestService, 1, { watched: true });
    const { channel: [idle], end } = await f.ask.getTopChannels(FIRST);
    assertEquals([end, idle!.data!.state!.state, idle!.subchannelRef], [true, State.IDLE, []]);
    assertEquals([idle!.ref!.name, idle!.data!.target], ["10.0.0.1:1", "10.0.0.1:1"]);

    await client.emptyCall({});
    await status(client.unaryCall({ responseStatus: { code: 9 } }));
    for await (const _ of client.streamingOutputCall({ responseParameters: [{ size: 1 }] }));
    const failing = client.streamingOutputCall({ responseStatus: { code: 7 } });
    await assertRejects(() => failing[Symbol.asyncIterator]().next(), GrpcError);

    const { channel } = await f.ask.getChannel({ channelId: idle!.ref!.channelId });
    assertEquals([channel!.data!.state!.state, calls(channel!.data)], [State.READY, [4n, 2n, 2n]]);
    assertEquals([channel!.socketRef, channel!.channelRef, channel!.subchannelRef.length], [[], [], 1]);
    const { subchannel } = await f.ask.getSubchannel({ subchannelId: channel!.subchannelRef[0]!.subchannelId });
    assertEquals([subchannel!.ref, subchannel!.data!.target], [channel!.subchannelRef[0], "10.0.0.1:1"]);
    assertEquals([subchannel!.data!.state!.state, calls(subchannel!.data)], [State.READY, [4n, 2n, 2n]]);
    assertEquals([subchannel!.socketRef.length, subchannel!.data!.maxConnectionsPerSubchannel], [1, 1]);
    const { socket } = await f.ask.getSocket({ socketId: subchannel!.socketRef[0]!.socketId });
    assertEquals([socket!.ref, streams(socket!)], [subchannel!.socketRef[0], [4n, 4n, 0n]]);
    assertEquals([socket!.data!.messagesSent, socket!.data!.messagesReceived], [4n, 2n]);
    assertEquals([socket!.data!.peerMaxConcurrentStreams, socket!.data!.receivedGoawayError], [17, undefined]);
    assert(socket!.data!.lastLocalStreamCreatedTimestamp !== undefined);
    assertEquals(socket!.data!.lastRemoteStreamCreatedTimestamp, undefined);
  });

  it("says what became of a channel and a subchannel", async () => {
    await using f = await channelzFixture();
    await f.up(1);
    await f.client(TestService, 1, { watched: true }).emptyCall({});
    const [channel] = (await f.ask.getTopChannels(FIRST)).channel;
    const { trace } = channel!.data!;
    const told = trace!.events.map((
      { description, childRef, severity },
    ) => [description, childRef.value?.name, severity]);
    assertEquals(told, [
      ["uses address 10.0.0.1:1", "10.0.0.1:1", Severity.CT_INFO],
      ["is connecting", undefined, Severity.CT_INFO],
      ["is ready", undefined, Severity.CT_INFO],
    ]);
    assertEquals(trace!.numEventsLogged, 3n);
    assertEquals(trace!.creationTimestamp!.seconds < trace!.events[0]!.timestamp!.seconds, true);
    const { subchannelId } = channel!.subchannelRef[0]!;
    const { subchannel } = await f.ask.getSubchannel({ subchannelId });
    const [connecting, connected, ready] = subchannel!.data!.trace!.events.map(({ description }) => description);
    assertEquals([connecting, ready], ["is connecting", "is ready"]);
    assertEquals(connected, `has connection ${subchannel!.socketRef[0]!.socketId}, 10.0.0.1:1 -> 10.0.0.1:1`);
  });

  it("warns of an address that cannot be reached, whose calls the channel counts alone", async () => {
    await using f = await channelzFixture();
    const client = f.client(TestService, 9, { watched: true });
    await assertRejects(() => client.emptyCall({}), RpcError);
    const [channel] = (await f.ask.getTopChannels(FIRST)).channel;
    assertEquals([channel!.data!.state!.state, calls(channel!.data)], [State.TRANSIENT_FAILURE, [1n, 0n, 1n]]);
    const { subchannelId } = channel!.subchannelRef[0]!;
    const { data, socketRef } = (await f.ask.getSubchannel({ subchannelId })).subchannel!;
    assertEquals([data!.state!.state, calls(data), socketRef], [State.TRANSIENT_FAILURE, [0n, 0n, 0n], []]);
    const { description, severity } = data!.trace!.events.at(-1)!;
    assert(/^is transient-failure: .*10\.0\.0\.1:9.*nothing listens there/.test(description), description);
    assertEquals(severity, Severity.CT_WARNING);
  });

  it("knows that the server sent GOAWAY, and forgets a connection that is lost", async () => {
    await using f = await channelzFixture();
    const release = deferred<string>();
    const begun = deferred<void>();
    const running = await f.up(1, { channelz: undefined }, { sleep: () => (begun.resolve(), release.promise) });
    const client = f.client(EchoService, 1, { watched: true });
    const call = client.sleep(1);
    await begun.promise;
    const { subchannelId } = (await f.ask.getTopChannels(FIRST)).channel[0]!.subchannelRef[0]!;
    const sub = async () => (await f.ask.getSubchannel({ subchannelId })).subchannel!;
    const { socketId } = (await sub()).socketRef[0]!;
    const closed = running.close();
    await channelOf(client).waitForStateChange("ready");
    assertEquals((await f.ask.getSocket({ socketId })).socket!.data!.receivedGoawayError, 0);
    release.resolve("");
    await call;
    await closed;
    await turns();
    assertEquals((await sub()).socketRef, []);
    assertEquals(await status(f.ask.getSocket({ socketId })), GrpcStatus.NOT_FOUND);
    const { data } = await sub();
    assertEquals([data!.state!.state, calls(data)], [State.IDLE, [1n, 1n, 0n]]);
    assertEquals(data!.trace!.events.at(-1)!.description, `lost connection ${socketId}`);
  });

  it("counts a call that is tried again once on the channel, and each try on the subchannel", async () => {
    await using f = await channelzFixture();
    let tries = 0;
    await f.up(1, {}, {
      echoString(text) {
        if (++tries === 1) throw new GrpcError(GrpcStatus.UNAVAILABLE, "not yet");
        return text;
      },
    });
    const again: Middleware = (next) => async (call) => {
      try {
        return await next(call);
      } catch {
        return await next(call);
      }
    };
    const client = f.client(EchoService, 1, { watched: true, use: [again] });
    assertEquals(await client.echoString("x"), "x");
    const [channel] = (await f.ask.getTopChannels(FIRST)).channel;
    assertEquals(calls(channel!.data), [1n, 1n, 0n]);
    const { subchannel } = await f.ask.getSubchannel({ subchannelId: channel!.subchannelRef[0]!.subchannelId });
    assertEquals(calls(subchannel!.data), [2n, 1n, 1n]);
  });

  it("counts streams whose reader leaves, calls that cannot be encoded, and declared exceptions", async () => {
    await using f = await channelzFixture();
    await f.up(1);
    const client = f.client(TestService, 1, { watched: true });
    const echo = f.client(EchoService, 1, { watched: true });
    const channelCalls = async () => (await f.ask.getTopChannels(FIRST)).channel.map(({ data }) => calls(data));
    const slow = [{ size: 1 }, { size: 1, intervalUs: 60_000_000 }];
    for await (const _ of client.streamingOutputCall({ responseParameters: slow })) break;
    assertEquals((await channelCalls())[0], [1n, 0n, 1n]);
    await assertRejects(() => client.unaryCall({ responseSize: "no number" as unknown as number }), RpcError);
    assertEquals((await channelCalls())[0], [2n, 0n, 2n]);
    await assertRejects(() => echo.fail("declared"), EchoException);
    assertEquals((await channelCalls())[1], [1n, 1n, 0n]);
    for (const { subchannelRef, data } of (await f.ask.getTopChannels(FIRST)).channel) {
      const { subchannel } = await f.ask.getSubchannel({ subchannelId: subchannelRef[0]!.subchannelId });
      assertEquals(calls(subchannel!.data), calls(data));
    }
  });

  it("forgets a client with all it had when it is closed", async () => {
    await using f = await channelzFixture();
    await f.up(1, { channelz: undefined });
    const client = f.client(TestService, 1, { watched: true });
    await client.emptyCall({});
    const [channel] = (await f.ask.getTopChannels(FIRST)).channel;
    const { channelId } = channel!.ref!;
    const { subchannelId } = channel!.subchannelRef[0]!;
    const { socketId } = (await f.ask.getSubchannel({ subchannelId })).subchannel!.socketRef[0]!;
    await (client as unknown as ClientHandle).close();
    assertEquals((await f.ask.getTopChannels(FIRST)).channel, []);
    assertEquals(await status(f.ask.getChannel({ channelId })), GrpcStatus.NOT_FOUND);
    assertEquals(await status(f.ask.getSubchannel({ subchannelId })), GrpcStatus.NOT_FOUND);
    assertEquals(await status(f.ask.getSocket({ socketId })), GrpcStatus.NOT_FOUND);
  });

  it("follows the addresses of a channel as they come and go", async () => {
    await using f = await channelzFixture();
    await f.up(1);
    let list!: (...ports: number[]) => void;
    const client = f.client(TestService, 0, {
      watched: true,
      to: "service",
      resolver: {
        name: "by hand",
        resolve(_, sink) {
          list = (...ports) => {
            const address = (port: number) => `10.0.0.1:${port}`;
            sink.update(
              ports.map((port) => ({
                address: address(port),
                endpoint: { hostname: "10.0.0.1", port },
                weight: 1,
                tags: {},
              })),
            );
          };
          list(1);
          return { refresh() {}, close() {} };
        },
      },
    });
    await client.emptyCall({});
    const top = async () => (await f.ask.getTopChannels(FIRST)).channel[0]!;
    const [first] = (await top()).subchannelRef;
    await f.up(3, { channelz: undefined });
    list(3);
    await client.emptyCall({});
    const { data, subchannelRef, ref } = await top();
    assertEquals([ref!.name, subchannelRef.map(({ name }) => name)], ["service", ["10.0.0.1:3"]]);
    assertEquals(await status(f.ask.getSubchannel({ subchannelId: first!.subchannelId })), GrpcStatus.NOT_FOUND);
    const left = data!.trace!.events.find(({ description }) => description === "left address 10.0.0.1:1");
    assertEquals(left!.childRef, { case: "subchannelRef", value: first! });
  });
});

describe("addChannelz: memory", () => {
  it("holds no more addresses than the client does, which forgets those it has not used for long", async () => {
    await using f = await channelzFixture();
    const clock = new ManualClock();
    const client = f.client(TestService, 1, { watched: true, clock });
    const call = async (to: string) => void await assertRejects(() => client.emptyCall({}, { to }), RpcError);
    for (let port = 1; port <= 1_000; port++) await call(`10.0.0.2:${port}`);
    const channel = async () => (await f.ask.getTopChannels(FIRST)).channel[0]!;
    const { subchannelRef } = await channel();
    assertEquals(subchannelRef.length, 1_000);
    clock.advance(200_000); // all of them may be dialled again
    await call("10.0.0.3:1");
    const { data, subchannelRef: [only, ...others] } = await channel();
    assertEquals([only!.name, others, data!.trace!.events.length], ["10.0.0.3:1", [], 30]);
    const { subchannelId } = subchannelRef[0]!;
    assertEquals(await status(f.ask.getSubchannel({ subchannelId })), GrpcStatus.NOT_FOUND);
  });
});

describe("addChannelz", () => {
  it("gives lists in pages", async () => {
    await using f = await channelzFixture();
    for (let port = 1; port <= 5; port++) await f.up(port);
    const ids: bigint[] = [];
    const ends: boolean[] = [];
    for (let startServerId = 0n; ends.at(-1) !== true; startServerId = ids.at(-1)! + 1n) {
      const { server, end } = await f.ask.getServers({ startServerId, maxResults: 2n });
      ids.push(...server.map(({ ref }) => ref!.serverId));
      ends.push(end);
    }
    assertEquals([ids.length, new Set(ids).size, ends], [5, 5, [false, false, true]]);
    assertEquals(ids, ids.toSorted((a, b) => Number(a - b)));

    const clients = [1, 1, 1].map((port) => f.client(TestService, port, { watched: true }));
    for (const client of clients) await client.emptyCall({});
    const { channel: [one, two], end } = await f.ask.getTopChannels({ maxResults: 2n });
    assertEquals([two!.ref!.channelId > one!.ref!.channelId, end], [true, false]);
    const rest = await f.ask.getTopChannels({ startChannelId: two!.ref!.channelId });
    assertEquals([rest.channel.length, rest.channel[0]!.ref, rest.end], [2, two!.ref, true]);

    const serverId = ids[0]!;
    const sockets = await f.ask.getServerSockets({ serverId, maxResults: 1n });
    assertEquals([sockets.socketRef.length, sockets.end], [1, false]);
    const startSocketId = sockets.socketRef[0]!.socketId + 1n;
    const more = await f.ask.getServerSockets({ serverId, startSocketId });
    assertEquals([more.socketRef.length, more.end], [2, true]);
  });

  it("answers NOT_FOUND for what it does not know, and refuses negative sizes", async () => {
    await using f = await channelzFixture();
    await f.up(1);
    const { serverId } = (await onlyServer(f)).ref!;
    for (const id of [0n, -1n, 99n, 1n << 62n]) {
      assertEquals(await status(f.ask.getServer({ serverId: id })), GrpcStatus.NOT_FOUND);
      assertEquals(await status(f.ask.getServerSockets({ serverId: id })), GrpcStatus.NOT_FOUND);
      assertEquals(await status(f.ask.getChannel({ channelId: id })), GrpcStatus.NOT_FOUND);
      assertEquals(await status(f.ask.getSubchannel({ subchannelId: id })), GrpcStatus.NOT_FOUND);
      assertEquals(await status(f.ask.getSocket({ socketId: id })), GrpcStatus.NOT_FOUND);
    }
    // An id of one thing is none of another.
    assertEquals(await status(f.ask.getChannel({ channelId: serverId })), GrpcStatus.NOT_FOUND);
    assertEquals(await status(f.ask.getServers({ maxResults: -1n })), GrpcStatus.INVALID_ARGUMENT);
    assertEquals(await status(f.ask.getServerSockets({ serverId, maxResults: -1n })), GrpcStatus.INVALID_ARGUMENT);
  });

  it("takes what createChannelz made only, and that with numbers that make sense", () => {
    const server = createServer({ protocols: [grpc()] });
    assertThrows(() => addChannelz(server, {} as Channelz), RpcError, "createChannelz");
    assertThrows(() => createChannelz({ maxTraceEvents: -1 }), RpcError, "maxTraceEvents -1 is not 0 to 10000");
  });

  it("tells what is looked at as it is, without channelz", async () => {
    await using f = await channelzFixture();
    await f.up(1, { channelz: undefined });
    const client = f.client(TestService, 1);
    await client.emptyCall({});
    assertEquals(channelOf(client).state, "ready");
    assertEquals([(await f.ask.getServers(FIRST)).server, (await f.ask.getTopChannels(FIRST)).channel], [[], []]);
  });
});
