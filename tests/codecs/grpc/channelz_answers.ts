/**
 * What tests read of channelz's answers.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import type { Address, Server, Socket } from "../../../codecs/grpc/gen/grpc/channelz/v1/channelz_pb.ts";
import { GrpcError } from "../../../codecs/grpc/status.ts";
import type { ChannelzFixture } from "./channelz_fixture.ts";

/** The first page of a list. */
export const FIRST: Record<never, never> = {};

/** The one server there is. */
export async function onlyServer(f: ChannelzFixture): Promise<Server> {
  const { server, end } = await f.ask.getServers(FIRST);
  assertEquals([server.length, end], [1, true]);
  return server[0]!;
}

/** The one connection of the one server. */
export async function onlySocket(f: ChannelzFixture): Promise<Socket> {
  const { serverId } = (await onlyServer(f)).ref!;
  const { socketRef, end } = await f.ask.getServerSockets({ serverId });
  assertEquals([socketRef.length, end], [1, true]);
  const { socket } = await f.ask.getSocket({ socketId: socketRef[0]!.socketId });
  assertEquals(socket!.ref, socketRef[0]);
  return socket!;
}

/** Calls begun, that went well, and that failed. */
export function calls(
  data: { callsStarted: bigint; callsSucceeded: bigint; callsFailed: bigint } | undefined,
): bigint[] {
  return data === undefined ? [] : [data.callsStarted, data.callsSucceeded, data.callsFailed];
}

/** Streams begun, that went well, and that failed. */
export function streams({ data }: Socket): bigint[] {
  return data === undefined ? [] : [data.streamsStarted, data.streamsSucceeded, data.streamsFailed];
}

/** An address as text. */
export function addressText(address: Address | undefined): string | undefined {
  const one = address?.address;
  return one?.case === "tcpipAddress" ? `${one.value.ipAddress.join(".")}:${one.value.port}` : one?.case;
}

/** The status that a call fails with. */
export async function status(call: Promise<unknown>): Promise<number> {
  return (await assertRejects(() => call, GrpcError)).code!;
}
