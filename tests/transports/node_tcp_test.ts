/**
 * `nodeTcp()` of `transports/node.ts` dials as `node()` does, but for TLS.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../lib/errors.ts";
import { node, nodeTcp } from "../../transports/node.ts";
import { connectionTests } from "./conformance_connection.ts";
import { temporaryFolder } from "./fixtures.ts";

describe("nodeTcp", () => {
  const folder = temporaryFolder();
  const transport = { ...node(), ...nodeTcp() };
  let files = 0;
  describe("over tcp", () => {
    connectionTests(transport, { address: () => ({ hostname: "127.0.0.1", port: 0 }), listen: {}, dial: {} }, true);
  });
  describe("over unix sockets", () => {
    connectionTests(
      transport,
      { address: () => ({ path: `${folder()}/${++files}.sock` }), listen: {}, dial: {} },
      false,
    );
  });

  it("refuses TLS", async () => {
    const dial = (): Promise<unknown> => nodeTcp().dial({ hostname: "127.0.0.1", port: 1 }, { tls: {} });
    assertEquals((await assertRejects(dial, RpcError, "has no TLS")).kind, "invalid");
  });
});
