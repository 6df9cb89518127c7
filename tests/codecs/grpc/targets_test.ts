import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { grpc } from "../../../codecs/grpc/protocol.ts";
import { grpcResolvers } from "../../../codecs/grpc/targets.ts";
import { createClient, createServer, type Endpoint, RpcError, type Transport } from "../../../core.ts";
import { pickFirst } from "../../../lib/discovery/balancers/pick_first.ts";
import { memory } from "../../../transports/memory.ts";
import { EchoService } from "../../interop/gen/echo.ts";
import { echoHandlers } from "../../interop/handlers.ts";

/** A server in memory that every dial reaches whose port is not 1; and where dials went. */
async function network() {
  const inner = memory();
  const dialled: Endpoint[] = [];
  const transport: Transport = {
    ...inner,
    dial(to, options) {
      dialled.push(to);
      if ("port" in to && to.port === 1) return Promise.reject(new RpcError("connect", "nobody listens"));
      return inner.dial({ path: "server" }, options);
    },
  };
  const server = await createServer({ transport, protocols: [grpc()], exitWaitMs: 0 })
    .add(EchoService, echoHandlers()).listen({ path: "server" });
  const resolvers = grpcResolvers({ lookup: (host) => Promise.resolve(host === "greeter.local" ? ["10.0.0.7"] : []) });
  return {
    dialled,
    transport,
    client: (to: string) =>
      createClient(EchoService, { to, transport, resolvers, protocol: grpc(), balancer: pickFirst() }),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

describe("grpcResolvers", () => {
  for (
    const [to, hostname, port] of [
      ["dns:///greeter.local:50051", "10.0.0.7", 50051],
      ["dns:greeter.local:50051", "10.0.0.7", 50051],
      ["dns:///greeter.local", "10.0.0.7", 443],
      ["ipv4:10.0.0.8:2,10.0.0.9:3", "10.0.0.8", 2],
      ["ipv4:10.0.0.8", "10.0.0.8", 443],
      ["ipv6:[::1]:2", "::1", 2],
      ["ipv6:[::1]", "::1", 443],
      ["ipv6:2001:db8::1", "2001:db8::1", 443],
    ] as const
  ) {
    it(`reads ${to}`, async () => {
      await using net = await network();
      await using client = net.client(to);
      assertEquals(await client.echoString("there"), "there");
      assertEquals(net.dialled, [{ hostname, port }]);
    });
  }

  it("goes on to the next address where one cannot be reached", async () => {
    await using net = await network();
    await using client = net.client("ipv4:10.0.0.8:1,10.0.0.9:3");
    assertEquals(await client.echoString("first"), "first");
    assertEquals(await client.echoString("second"), "second");
    assertEquals(await client.echoString("third"), "third");
    assertEquals(net.dialled.map((to) => "port" in to ? to.port : 0), [1, 3]);
  });

  for (
    const to of [
      "ipv4:10.0.0.8:2,",
      "ipv4:localhost:2",
      "ipv4:10.0.0.256:2",
      "ipv6:10.0.0.8:2",
      "ipv6:[::1]:0",
      "dns://8.8.8.8/greeter.local:1",
      "dns:///",
      "unix://host/path",
      "unix:",
    ]
  ) {
    it(`refuses ${to} when the client is made`, async () => {
      await using net = await network();
      assertEquals(assertThrows(() => net.client(to), RpcError).kind, "invalid");
    });
  }
});

describe("a client of grpc()", () => {
  it("reads gRPC's targets by itself, by the names that its transport knows", async () => {
    await using net = await network();
    const transport = {
      ...net.transport,
      resolve: (host: string) => Promise.resolve(host === "greeter" ? ["10.0.0.7"] : []),
    };
    for (const to of ["dns:///greeter:5", "dns:greeter:5", "ipv4:10.0.0.7:5", "unix:server", "unix:///server"]) {
      await using client = createClient(EchoService, { to, transport, protocol: grpc() });
      assertEquals(await client.echoString(to), to);
    }
    assertEquals(net.dialled.slice(3), [{ path: "server" }, { path: "/server" }]);
    assertEquals(net.dialled.slice(0, 3), new Array(3).fill({ hostname: "10.0.0.7", port: 5 }));
  });

  it("says so where its transport knows no names", async () => {
    await using net = await network();
    await using client = createClient(EchoService, {
      to: "dns:///greeter:5",
      transport: net.transport,
      protocol: grpc(),
    });
    const error = await assertRejects(() => client.echoString(""), RpcError);
    assertEquals(error.kind, "unavailable");
    assertEquals((error.cause as RpcError).kind, "invalid");
  });
});
