/**
 * What docs/grpc.md shows of connections.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { channelOf, createClient, createServer } from "@updraft/rpc";
import { grpc } from "@updraft/rpc/grpc";
import { Greeter } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";

await using server = await createServer({ protocols: [grpc()] }).add(Greeter, greeter())
  .listen({ hostname: "127.0.0.1", port: 0 });
await using client = createClient(Greeter, { to: server.address, protocol: grpc() });
const states: string[] = [];
const console = { log: (state: unknown): void => void states.push(String(state)) };

const channel = channelOf(client); // of "@updraft/rpc"
channel.onStateChange((state) => console.log(state));
channel.connect(); // or the first call does
if (await channel.waitForStateChange("idle") === "transient-failure") console.log(channel.subchannels);

assertEquals(await channel.waitForStateChange("connecting"), "ready");
assertEquals(states, ["connecting", "ready"]);
