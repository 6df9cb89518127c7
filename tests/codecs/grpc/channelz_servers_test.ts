/**
 * What `addChannelz` tells of servers and their connections.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { GrpcError, GrpcStatus } from "../../../codecs/grpc/status.ts";
import { protobufService } from "../../../codecs/protobuf/service.ts";
import { RpcError } from "../../../core.ts";
import { EchoException, EchoService } from "../../interop/gen/echo.ts";
import { UnimplementedService as UnimplementedDesc } from "../../interop/gen/grpc_testing_pb.ts";
import { TestService } from "../../interop/grpc_handlers.ts";
import { ManualClock } from "../../lib/io/manual_clock.ts";
import { deferred, runUntil } from "../../lib/rpc/fixture.ts";
import { addressText, calls, FIRST, onlyServer, onlySocket, status, streams } from "./channelz_answers.ts";
import { BEGAN_MS, channelzFixture } from "./channelz_fixture.ts";

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
