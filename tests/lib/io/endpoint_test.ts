import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import { describeEndpoint, parseTarget } from "../../../lib/io/endpoint.ts";

describe("parseTarget", () => {
  const targets = {
    "127.0.0.1:8888": { hostname: "127.0.0.1", port: 8888 },
    "greeter.local:65535": { hostname: "greeter.local", port: 65535 },
    "[::1]:80": { hostname: "::1", port: 80 },
    "unix:/run/greeter.sock": { path: "/run/greeter.sock" },
    "unix:relative.sock": { path: "relative.sock" },
  };
  for (const [text, endpoint] of Object.entries(targets)) {
    it(`reads ${text} and describes it the same`, () => {
      assertEquals<unknown>(parseTarget(text), endpoint);
      assertEquals(describeEndpoint(parseTarget(text)), text);
    });
  }

  it("gives an endpoint back as it is", () => {
    const endpoint = { hostname: "h", port: 1 };
    assertEquals(parseTarget(endpoint) === endpoint, true);
  });

  it("refuses what is no address at all, such as a variable that is not set", () => {
    for (const value of [undefined, null, 8888, {}, ["host:1"]]) {
      const error = assertThrows(() => parseTarget(value as unknown as string), RpcError, "is no address");
      assertEquals(error.kind, "invalid");
    }
  });

  for (
    const text of ["", "host", "host:", ":80", "host:0", "host:65536", "host:8x", "::1:80", "unix:", "host:-1", "[]:1"]
  ) {
    it(`refuses "${text}" and repeats it`, () => {
      const error = assertThrows(() => parseTarget(text), RpcError, `"${text}"`);
      assertEquals(error.kind, "invalid");
    });
  }
});
