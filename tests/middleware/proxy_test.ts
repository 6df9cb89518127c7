import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Call, describeEndpoint, RpcError, staticResolver } from "../../mod.ts";
import { clientPipeline, proxy } from "../../middleware/mod.ts";
import { fixture } from "../lib/rpc/fixture.ts";

const peerOf = ({ peer }: Call): string => peer === undefined ? "none" : describeEndpoint(peer);

describe("a proxy", () => {
  it("is dialled instead of the instance, which middleware sees", async () => {
    await using f = await fixture();
    const seen: string[] = [];
    const client = f.client({
      to: "echo",
      resolver: staticResolver(["unix:a", "unix:b"]),
      random: () => 0,
      ...clientPipeline({
        instanceUse: [(next) => (call) => (seen.push(peerOf(call)), next(call))],
        proxy: (call) => (seen.push(`by proxy: ${peerOf(call)}`), "unix:server"),
      }),
    });
    assertEquals(await client.echoString("one"), "one");
    assertEquals(await client.echoString("two"), "two");
    assertEquals(seen.sort(), ["by proxy: unix:a", "by proxy: unix:b", "unix:a", "unix:b"]);
    assertEquals(f.server.stats.accepted, 1);
  });

  it("may take its time, leave a call as it is, or refuse it", async () => {
    await using f = await fixture();
    const client = f.client({
      to: "unix:server",
      instanceUse: [
        proxy(async ({ method }) => {
          await Promise.resolve();
          if (method.name === "ping") throw new RpcError("forbidden", "no way to there");
          return method.name === "add" ? "nowhere" : undefined;
        }),
      ],
    });
    assertEquals(await client.echoString("direct"), "direct");
    assertEquals((await assertRejects(() => client.ping(), RpcError, "no way")).kind, "forbidden");
    assertEquals((await assertRejects(() => client.add(1n, 2n), RpcError, "nowhere")).kind, "invalid");
  });
});
