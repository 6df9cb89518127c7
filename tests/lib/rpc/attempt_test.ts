import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Call, type Clock, RpcError } from "../../../core.ts";
import { TimerWheel } from "../../../lib/io/timer_wheel.ts";
import { Attempt } from "../../../lib/rpc/attempt.ts";
import { LinkedList } from "../../../lib/rpc/linked_list.ts";
import type { Pool } from "../../../lib/rpc/pool.ts";
import type { ClientSession, Pending } from "../../../lib/rpc/protocol.ts";
import { EchoService } from "../../interop/gen/echo.ts";

/** The kind an attempt with a deadline at 100 rejects with, when its answer is `error` at `nowMs` and no timer fired. */
function kindAt(nowMs: number, error: RpcError): string {
  const clock: Clock & { nowMs: number } = { nowMs: 0, now: () => clock.nowMs, after: () => () => {} };
  const sent: Pending[] = [];
  const session = { usable: true, send: (pending: Pending) => void sent.push(pending) } as unknown as ClientSession;
  const pool: Pool = {
    keeps: 1,
    acquire: () => session,
    release: () => {},
    leave: () => {},
    close: () => Promise.resolve(),
  };
  const [method] = EchoService.methods;
  const call = new Call({
    service: EchoService,
    method: method!,
    args: {},
    side: "client",
    clock,
    deadline: 100,
    peer: { path: "a" },
  });
  let kind = "";
  const attempt = new Attempt(call, pool, new TimerWheel(clock), new LinkedList());
  attempt.follow({ succeeded() {}, failed: (reason) => void (kind = RpcError.from(reason).kind) });
  attempt.start();
  clock.nowMs = nowMs;
  sent[0]!.reject(error);
  return kind;
}

describe("an attempt", () => {
  it("is a timeout when its server gave up at the deadline and this side's timer is late", () => {
    assertEquals(kindAt(100, new RpcError("internal", "passed its deadline", { remote: true })), "timeout");
  });

  it("is what its server says before the deadline, and what else went wrong after it", () => {
    assertEquals(kindAt(99, new RpcError("internal", "failed", { remote: true })), "internal");
    assertEquals(kindAt(100, new RpcError("business", "sold out", { remote: true })), "business");
    assertEquals(kindAt(100, new RpcError("transport", "broken")), "transport");
  });
});
