import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { auto } from "../../transports/auto.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";
import { Probe } from "./probe.ts";
import { platformSuite } from "./platform_suite.ts";

describe("auto", () => {
  it("is the runtime's own transport", async () => {
    assertEquals(auto().name, (await autoPlatform()).name);
    const transport = auto();
    const listener = await transport.listen({ hostname: "127.0.0.1", port: 0 }, (conn) => {
      void new Probe(conn).start().writeAll("hello");
    });
    const client = new Probe(await transport.dial(listener.local)).start();
    await client.count(5);
    assertEquals(client.text(), "hello");
    await client.abort();
    await listener.close();
  });
});

describe("platform", () => platformSuite(autoPlatform));
