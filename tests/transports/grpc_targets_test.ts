/**
 * gRPC's targets over the runtime's own sockets and names, with nothing said but the target.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { channelOf, createClient, createServer, type ListenTarget } from "../../mod.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { echoHandlers } from "../interop/handlers.ts";
import { temporaryFolder } from "./fixtures.ts";

const server = (on: ListenTarget) => createServer({ protocols: [grpc()] }).add(EchoService, echoHandlers()).listen(on);

async function reaches(to: string): Promise<void> {
  await using client = createClient(EchoService, { to, protocol: grpc(), timeoutMs: 10_000 });
  assertEquals(await client.echoString(to), to);
  assertEquals(channelOf(client).state, "ready");
}

describe("gRPC's targets over sockets", () => {
  const folder = temporaryFolder();

  it("are addresses and names of TCP", async () => {
    await using running = await server({ hostname: "127.0.0.1", port: 0 });
    const { port } = running;
    for (const to of [`dns:///localhost:${port}`, `dns:127.0.0.1:${port}`, `ipv4:127.0.0.1:${port}`]) await reaches(to);
  });

  it("are paths of unix sockets", async () => {
    await using _ = await server({ path: `${folder()}/s` });
    for (const to of [`unix:${folder()}/s`, `unix://${folder()}/s`]) await reaches(to);
  });

  it("are addresses of IPv6", async () => {
    await using running = await server({ hostname: "::1", port: 0 });
    await reaches(`ipv6:[::1]:${running.port}`);
  });
});
