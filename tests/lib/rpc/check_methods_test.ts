import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createWebClient } from "../../../codecs/connect/web.ts";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import { RawGrpc } from "../../../codecs/grpc/raw.ts";
import { framed } from "../../../codecs/thrift/protocol.ts";
import { createDirectClient } from "../../../lib/rpc/direct_client.ts";
import { RpcError } from "../../../lib/errors.ts";
import { createLimiter, type LimitRules } from "../../../lib/limits/limiter.ts";
import type { Middleware } from "../../../lib/rpc/middleware.ts";
import type { Protocol } from "../../../lib/rpc/protocol.ts";
import { retry } from "../../../middleware/retry.ts";
import { timeout } from "../../../middleware/timeout.ts";
import { createClient, createLocalClient, createServer, type FrontClientOptions } from "../../../mod.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService, StreamService } from "../../interop/gen/echo.ts";
import { echoHandlers, streamHandlers } from "../../interop/handlers.ts";
import { PbEcho } from "../../interop/proto_handlers.ts";

/** What a function is refused with. */
function refusal(make: () => unknown): string {
  const error = assertThrows(make, RpcError);
  assertEquals(error.kind, "invalid");
  return error.message;
}

describe("a method that no service has", () => {
  const PNIG = "timeouts.pnig: no such method in EchoService, did you mean ping?";
  const typo = timeout({ ms: { pnig: 5 } });
  const to = "unix:nobody";

  it("is refused where options of a client name it", () => {
    const client = (options: Partial<FrontClientOptions>) => () => createClient(EchoService, { to, ...options });
    assertEquals(refusal(client({ timeouts: { ping: 5, pnig: 5 } })), PNIG);
    const other = "retry.methods.somethingElse: no such method in EchoService";
    assertEquals(refusal(client({ retry: { methods: { "*": { times: 1 }, somethingElse: false } } })), other);
    assertEquals(refusal(client({ use: [typo] })), PNIG);
    assertEquals(refusal(client({ instanceUse: [typo] })), PNIG);
    const connecting = timeout({ ms: 0, connectMs: { Ping: 5 } });
    assertEquals(
      refusal(client({ use: [connecting] })),
      "connectMs.Ping: no such method in EchoService, did you mean ping?",
    );
    client({ timeouts: { "*": 5, ping: 5 }, retry: { methods: { ping: false } } })();
  });

  it("is refused by all kinds of clients", () => {
    const use = [typo];
    assertEquals(refusal(() => createLocalClient(EchoService, echoHandlers(), { use })), PNIG);
    const options = { to, transport: memory(), protocol: framed(), use };
    assertEquals(refusal(() => createDirectClient(EchoService, options)), PNIG);
    const web = refusal(() => createWebClient(PbEcho, { to: "http://h", use: [retry({ methods: { ehco: false } })] }));
    assertEquals(web, "retry.methods.ehco: no such method in PbEcho, did you mean Echo?");
  });

  it("may be called by a client whose methods are named with each call", async () => {
    await createClient(RawGrpc, { to, protocol: grpc(), transport: memory(), use: [typo] }).close();
  });

  const server = (options: { use?: Middleware[]; limit?: LimitRules }, protocol: Protocol = framed()) =>
    createServer({
      transport: memory(),
      protocols: [protocol],
      ...options,
      limit: createLimiter(options.limit),
    }).add(EchoService, echoHandlers());

  it("is refused when a server begins to serve, where its middleware or limits name it", async () => {
    const listen = async (...given: Parameters<typeof server>): Promise<string> => {
      const error = await assertRejects(() => server(...given).listen({ path: "server" }), RpcError);
      return error.message;
    };
    assertEquals(await listen({ use: [typo] }), PNIG);
    assertEquals(
      await listen({ limit: { methods: { "EchoService.ping": { qps: 5 }, "EchoService.pign": { qps: 5 } } } }),
      "limit methods.EchoService.pign: no such method in EchoService, did you mean EchoService.ping?",
    );
    assertEquals(
      await listen({ limit: { services: { Echo: { qps: 5 } } } }),
      "limit services.Echo: no such service in EchoService",
    );
    const error = await assertRejects(() => server({ use: [typo] }).fetch(new Request("http://h/")), RpcError);
    assertEquals(error.message, PNIG);
  });

  it("is looked for in all services of a server, and in the one that middleware was added with", async () => {
    const use = [timeout({ ms: { ping: 5, serverStream: 5 } })];
    const both = server({ use }).add(StreamService, streamHandlers());
    await (await both.listen({ path: "server" })).close();
    assertEquals(
      refusal(() => server({}).add(StreamService, streamHandlers(), { use })),
      "timeouts.ping: no such method in StreamService",
    );
  });

  it("may be served where a protocol runs what no service has", async () => {
    const protocol = grpc({ unknownService: async function* () {} });
    const limit = { methods: { "Other.method": { qps: 5 } } };
    await (await server({ use: [typo], limit }, protocol).listen({ path: "server" })).close();
  });
});
