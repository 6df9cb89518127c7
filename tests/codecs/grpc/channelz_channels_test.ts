/**
 * What `addChannelz` tells of clients, their addresses and their connections.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  ChannelConnectivityState_State as State,
  ChannelTraceEvent_Severity as Severity,
} from "../../../codecs/grpc/gen/grpc/channelz/v1/channelz_pb.ts";
import { GrpcError, GrpcStatus } from "../../../codecs/grpc/status.ts";
import { channelOf, type ClientHandle, type Middleware, RpcError } from "../../../core.ts";
import { EchoException, EchoService } from "../../interop/gen/echo.ts";
import { TestService } from "../../interop/grpc_handlers.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";
import { deferred } from "../../lib/rpc/fixture.ts";
import { calls, FIRST, status, streams } from "./channelz_answers.ts";
import { channelzFixture } from "./channelz_fixture.ts";
import { turns } from "./network.ts";

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
