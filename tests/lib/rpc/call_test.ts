import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import { Call, type CallInit } from "../../../lib/rpc/call.ts";
import { ManualClock } from "../io/manual_clock.ts";

const service = { name: "S", payload: "thrift", methods: [] } as const;
const empty = { kind: "struct", name: "", fields: [] } as const;
const method = { name: "m", key: "m", streaming: "unary", oneway: false, args: empty, result: empty } as const;

function makeCall(change: Partial<CallInit> = {}): Call {
  return new Call({ service, method, args: {}, side: "client", clock: new ManualClock(), ...change });
}

const gone = new RpcError("canceled", "gone");
const late = new RpcError("timeout", "late");

describe("Call", () => {
  it("has no deadline unless given one", () => {
    assertEquals(makeCall().deadline, Infinity);
    assertEquals(makeCall({ deadline: 5 }).deadline, 5);
  });

  it("withDeadline takes the sooner one", () => {
    const call = makeCall({ deadline: 100 });
    assertEquals(call.withDeadline(50).deadline, 50);
    assertStrictEquals(call.withDeadline(200), call);
  });

  it("a copy keeps what was not changed, and shares the metadata", () => {
    const call = makeCall({ caller: "me" });
    const copy = call.with({ args: { a: 1 } });
    assertEquals([copy.caller, copy.method.name, copy.args], ["me", "m", { a: 1 }]);
    assertEquals(call.args, {});
    copy.meta.transient.set("k", "v");
    assertEquals(call.meta.transient.get("k"), "v");
  });

  it("its signal aborts with the reason", () => {
    const call = makeCall();
    const { signal } = call;
    assert(!signal.aborted);
    call.abort(gone);
    assertStrictEquals(signal.reason, gone);
  });

  it("a signal first read after the abort is aborted", () => {
    const call = makeCall();
    call.abort(gone);
    assertStrictEquals(call.signal.reason, gone);
    assertStrictEquals(call.with({}).signal.reason, gone);
  });

  it("aborting a call aborts its copies, whenever their signal was read", () => {
    const call = makeCall();
    const early = call.with({}).with({});
    const { signal } = early;
    call.abort(gone);
    assertStrictEquals(signal.reason, gone);
    assertStrictEquals(early.reason, gone);
  });

  it("aborting a copy leaves the original alone", () => {
    const call = makeCall();
    const copy = call.with({});
    copy.abort(late);
    assertEquals([call.reason, copy.reason], [undefined, late]);
    assert(!call.signal.aborted);
  });

  it("the first reason stays, and listeners hear it once", () => {
    const call = makeCall();
    const heard: RpcError[] = [];
    const listener = { aborted: (reason: RpcError) => void heard.push(reason) };
    call.onAbort(listener);
    call.onAbort(listener);
    call.abort(gone);
    call.abort(late);
    assertEquals(heard, [gone]);
    assertStrictEquals(call.reason, gone);
  });

  it("a listener that comes late hears at once, one taken back never", () => {
    const call = makeCall();
    const heard: string[] = [];
    const back = { aborted: () => void heard.push("taken back") };
    call.onAbort(back);
    call.offAbort(back);
    call.abort(gone);
    call.onAbort({ aborted: () => void heard.push("late") });
    assertEquals(heard, ["late"]);
  });

  it("its timeout error names the method and the address", () => {
    const error = makeCall({ peer: { hostname: "h", port: 1 } }).timeoutError();
    assertEquals([error.kind, error.message], ["timeout", "S.m to h:1 passed its deadline"]);
  });
});
