import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Call } from "../../../lib/rpc/call.ts";
import { PendingTable } from "../../../lib/rpc/pending_table.ts";
import type { Pending } from "../../../lib/rpc/protocol.ts";

function pending(seqid: number): Pending {
  return { call: {} as Call, seqid, resolve() {}, reject() {} };
}

describe("PendingTable", () => {
  it("gives out ids from 1 on, one after the other", () => {
    const table = new PendingTable();
    assertEquals([table.nextSeqid(), table.nextSeqid(), table.nextSeqid()], [1, 2, 3]);
  });

  it("finds a call by its id once", () => {
    const table = new PendingTable();
    const call = pending(table.nextSeqid());
    table.add(call);
    assertEquals(table.size, 1);
    assertStrictEquals(table.take(call.seqid), call);
    assertEquals([table.take(call.seqid), table.size], [undefined, 0]);
  });

  it("never gives out an id in use, also after the ids began anew", () => {
    const table = new PendingTable();
    const last = pending(0x7fffffff);
    table.add(last);
    table.add(pending(1));
    table.add(pending(2));
    assertEquals(table.nextSeqid(), 3);
    const wrapped = new PendingTable();
    wrapped.add(pending(1));
    assertEquals(wrapped.nextSeqid(), 2);
  });

  it("keeps every call apart while it grows, and gives ids that fit beside calls that stay long", () => {
    const table = new PendingTable();
    const calls: Pending[] = [];
    for (let i = 0; i < 1000; i++) {
      const call = pending(table.nextSeqid());
      table.add(call);
      calls.push(call);
      if (i % 3 > 0) assertStrictEquals(table.take(calls.pop()!.seqid), call);
    }
    assertEquals(table.size, calls.length);
    for (const call of calls) assertStrictEquals(table.take(call.seqid), call);
    assertEquals(table.size, 0);
  });

  it("removes only the very call", () => {
    const table = new PendingTable();
    const call = pending(5);
    table.add(call);
    assertEquals(table.remove(pending(5)), false);
    assertEquals(table.remove(call), true);
    assertEquals(table.remove(call), false);
  });

  it("tells the only call, if there is just one", () => {
    const table = new PendingTable();
    assertEquals(table.only(), undefined);
    const call = pending(1);
    table.add(call);
    assertStrictEquals(table.only(), call);
    table.add(pending(2));
    assertEquals(table.only(), undefined);
  });

  it("gives all of them when it is drained", () => {
    const table = new PendingTable();
    const calls = [pending(1), pending(2)];
    for (const call of calls) table.add(call);
    assertEquals(table.drain(), calls);
    assertEquals(table.size, 0);
  });
});
