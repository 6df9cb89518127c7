import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { binary, bufferedClient, compact, framedClient, json } from "../../../codecs/thrift/client.ts";
import { RpcError } from "../../../lib/errors.ts";
import type { ClientProtocol } from "../../../lib/rpc/protocol.ts";
import { createClient, createServer } from "../../../mod.ts";
import { memory } from "../../../transports/memory.ts";
import { Inner, Ruled } from "../../golden/rules.ts";
import { bare } from "./payloads.ts";

const PROTOCOLS: readonly (readonly [name: string, protocol: ClientProtocol])[] = [
  ["framed", framedClient()],
  ["buffered", bufferedClient()],
  ["framed", framedClient({ payload: binary() })],
  ["framed compact", framedClient({ payload: compact() })],
  ["buffered compact", bufferedClient({ payload: compact() })],
  ["framed json", framedClient({ payload: json() })],
];

describe("a client's half of Thrift", () => {
  for (const [name, protocol] of PROTOCOLS) {
    it(`calls a server of everything: ${name}`, async () => {
      assertEquals(protocol.name, name);
      const transport = memory();
      const server = await createServer({ transport }).add(Ruled, {
        ping: (free) => free,
        check: (rules) => rules,
        all: () => [Inner.create({ a: 1 }), Inner.create({ a: 2 })],
        plain: () => {},
      }).listen({ hostname: "h", port: 1 });
      const client = createClient(Ruled, { to: server.address, transport, protocol });
      try {
        assertEquals(await client.ping({ anything: "x" }), { anything: "x" });
        assertEquals((await client.all()).map(({ a }) => a), [1, 2]);
      } finally {
        await client.close();
        await server.close();
      }
    });
  }

  it("is for generated code alone, unless it is given `binary()`", async () => {
    const transport = memory();
    const described = {
      ...Ruled,
      methods: Ruled.methods.map((method) => ({ ...method, args: bare(method.args), result: bare(method.result) })),
    };
    await using server = await createServer({ transport }).add(Ruled, {
      ping: (free) => free,
      check: (rules) => rules,
      all: () => [],
      plain: () => {},
    }).listen({ hostname: "h", port: 1 });
    const make = (protocol: ClientProtocol) => createClient(described, { to: server.address, transport, protocol });
    await using generated = make(framedClient());
    await using any = make(framedClient({ payload: binary() }));
    assertEquals(await any.ping({ anything: "x" }), { anything: "x" });
    const error = await assertRejects(
      () => generated.ping({ anything: "x" }),
      RpcError,
      "ping_args has no generated code",
    );
    assertEquals(error.kind, "invalid");
  });
});
