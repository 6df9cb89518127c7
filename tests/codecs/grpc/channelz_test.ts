import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { addChannelz, createChannelz } from "../../../codecs/grpc/channelz.ts";
import type { Channelz } from "../../../codecs/grpc/channelz/recorder.ts";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import { GrpcStatus } from "../../../codecs/grpc/status.ts";
import { channelOf, createServer, RpcError } from "../../../core.ts";
import { TestService } from "../../interop/grpc_handlers.ts";
import { FIRST, onlyServer, status } from "./channelz_answers.ts";
import { channelzFixture } from "./channelz_fixture.ts";

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
