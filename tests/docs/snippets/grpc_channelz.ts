/**
 * What docs/grpc.md shows of channelz.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { channelOf, createClient, createServer } from "@updraft/rpc";
import { addChannelz, createChannelz, grpc } from "@updraft/rpc/grpc";
import { protobufService } from "@updraft/rpc/protobuf";
import { Channelz } from "../../../codecs/grpc/gen/grpc/channelz/v1/channelz_pb.ts";
import { Greeter } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";

const channelz = createChannelz();
const server = createServer({ protocols: [grpc({ channelz })] }).add(Greeter, greeter());
addChannelz(server, channelz);
await using running = await server.listen({ hostname: "127.0.0.1", port: 0 });
await using client = createClient(Greeter, { to: running.address, protocol: grpc({ channelz }) });

await client.hello({ name: "Ada" });

// Over real sockets both ends of a connection have the addresses of the system, the other way round.
assertEquals(channelOf(client).state, "ready");
await using asking = createClient(protobufService(Channelz), { to: running.address, protocol: grpc() });
const [channel] = (await asking.getTopChannels({})).channel;
assertEquals([channel?.data?.callsStarted, channel?.data?.callsSucceeded, channel?.data?.callsFailed], [1n, 1n, 0n]);
const { subchannelId = 0n } = channel?.subchannelRef[0] ?? {};
const { subchannel } = await asking.getSubchannel({ subchannelId });
const { socketId = 0n } = subchannel?.socketRef[0] ?? {};
const { socket: near } = await asking.getSocket({ socketId });
const [{ ref } = {}] = (await asking.getServers({})).server;
const { socketRef } = await asking.getServerSockets({ serverId: ref?.serverId ?? 0n });
const { socket: far } = await asking.getSocket({ socketId: socketRef[0]?.socketId ?? 0n });
assertEquals([far?.local, far?.remote], [near?.remote, near?.local]);
assertEquals(near?.remote?.address.case, "tcpipAddress");
assertEquals([near?.data?.messagesSent, near?.data?.messagesReceived], [1n, 1n]);
