import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ConnectionCounter, type ConnectionEvent, describeEndpoint, RpcError } from "../../../core.ts";
import { framed } from "../../../codecs/thrift/protocol.ts";
import { fixture } from "./fixture.ts";

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe("what is told of connections", () => {
  it("is each dial, each reuse and each end, with the address, of the long pool", async () => {
    await using f = await fixture();
    const heard: string[] = [];
    const onConnection = ({ type, endpoint }: ConnectionEvent): void =>
      void heard.push(`${type} ${describeEndpoint(endpoint)}`);
    const client = f.client({ onConnection });
    await client.ping();
    await client.ping();
    assertEquals(heard, ["opened unix:server", "reused unix:server"]);
    await client.close();
    assertEquals(heard.at(-1), "closed unix:server");
  });

  it("is how long a dial took and how long the connection was open", async () => {
    await using f = await fixture({}, { idleTimeoutMs: 0 });
    const took: [string, number][] = [];
    const client = f.client({
      onConnection: ({ type, elapsedMs }) => void took.push([type, elapsedMs]),
      transport: {
        ...f.transport,
        dial: (to, options) => (f.clock.advance(30), f.transport.dial(to, options)),
      },
    });
    await client.ping();
    f.clock.advance(500);
    await client.close();
    assertEquals(took.map(([type]) => type), ["opened", "closed"]);
    // Timers of a wheel are this coarse.
    assert(took[0]![1] >= 30 && took[0]![1] < 100 && took[1]![1] >= 500 && took[1]![1] < 600, `${took}`);
  });

  it("is why a dial failed", async () => {
    await using f = await fixture();
    const errors: unknown[] = [];
    const client = f.client({
      to: "unix:nobody",
      onConnection: ({ type, error }) => void errors.push(type, (error as RpcError).kind),
    });
    await assertRejects(() => client.ping(), RpcError);
    assertEquals(errors, ["failed", "connect"]);
  });

  it("breaks no call when it throws", async () => {
    await using f = await fixture();
    const client = f.client({
      onConnection: () => {
        throw new Error("reporter");
      },
    });
    assertEquals(await client.echoString("a"), "a");
    assertEquals(await client.echoString("b"), "b");
  });
});

describe("ConnectionCounter", () => {
  it("counts a short pool's connections: one for each call, none reused", async () => {
    await using f = await fixture();
    const counter = new ConnectionCounter();
    const client = f.client({ pool: { type: "short" }, onConnection: counter.report });
    for (let i = 0; i < 5; i++) await client.ping();
    while (counter.total.open > 0) await turn();
    assertEquals(counter.total, { opened: 5, failed: 0, reused: 0, closed: 5, open: 0 });
  });

  it("counts a mux pool's: one for all calls", async () => {
    await using f = await fixture({}, { protocols: [framed({ replies: "any" })] });
    const counter = new ConnectionCounter();
    const client = f.client({ pool: { type: "mux" }, onConnection: counter.report });
    await client.ping();
    await Promise.all(Array.from({ length: 7 }, () => client.ping()));
    assertEquals(counter.total, { opened: 1, failed: 0, reused: 7, closed: 0, open: 1 });
    assertEquals([...counter.byAddress], [["unix:server", counter.total]]);
  });

  it("keeps a thousand addresses, and of those that leave the list the ones with connections", () => {
    const counter = new ConnectionCounter();
    const event = (type: ConnectionEvent["type"], port: number): void =>
      counter.report({ type, endpoint: { hostname: "h", port }, elapsedMs: 0, error: undefined });
    event("opened", 1);
    for (let port = 2; port <= 3_000; port++) event("failed", port);
    const { byAddress, total } = counter;
    assertEquals([byAddress.size, total.failed], [1_000, 2_999]);
    assertEquals(byAddress.get("h:1"), { opened: 1, failed: 0, reused: 0, closed: 0, open: 1 });
    assertEquals([byAddress.has("h:2"), byAddress.has("h:3000")], [false, true]);
    for (let port = 5_000; port < 8_000; port++) event("opened", port);
    assertEquals(counter.byAddress.size, 1_000);
  });
});
