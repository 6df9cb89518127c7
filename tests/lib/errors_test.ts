import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../lib/errors.ts";

describe("RpcError", () => {
  it("from keeps an RpcError as it is", () => {
    const error = new RpcError("protocol", "x");
    assertStrictEquals(RpcError.from(error), error);
  });

  it("from tells an abort and a timeout by their names", () => {
    assertEquals(RpcError.from(new DOMException("gone", "AbortError")).kind, "canceled");
    assertEquals(RpcError.from(new DOMException("late", "TimeoutError")).kind, "timeout");
  });

  it("from keeps the original as the cause", () => {
    const reason = new TypeError("boom");
    const error = RpcError.from(reason, "internal");
    assertEquals([error.kind, error.message, error.cause], ["internal", "boom", reason]);
  });

  it("from takes what throws when it is looked at", () => {
    const hostile = new Proxy({}, {
      get() {
        throw new Error("no");
      },
    });
    for (const reason of [Object.create(null), hostile]) {
      const error = RpcError.from(reason, "internal");
      assertEquals([error.kind, error.message], ["internal", "an error that cannot be described"]);
    }
  });

  it("only a failed connection is retryable unless said otherwise", () => {
    assertEquals(new RpcError("connect", "x").retryable, true);
    assertEquals(new RpcError("transport", "x").retryable, false);
    assertEquals(new RpcError("unavailable", "x", { retryable: true }).retryable, true);
  });
});
