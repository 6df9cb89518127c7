import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import { MethodTable } from "../../../lib/rpc/method_table.ts";
import type { MethodSchema, ServiceSchema } from "../../../lib/schema/service.ts";

function service(fullName: string, ...methods: string[]): ServiceSchema {
  const empty = { kind: "struct", name: "", fields: [] } as const;
  return {
    name: fullName.slice(fullName.lastIndexOf(".") + 1),
    fullName,
    payload: "thrift",
    methods: methods.map((name): MethodSchema => ({
      name,
      key: name,
      streaming: "unary",
      oneway: false,
      args: empty,
      result: empty,
    })),
  };
}

function find(table: MethodTable, name: string): string | undefined {
  const bytes = new TextEncoder().encode(`..${name}..`);
  return table.find(bytes, 2, bytes.length - 2)?.service.name;
}

const run = () => () => undefined;

describe("MethodTable", () => {
  it("finds every one of many methods by bytes, and no other", () => {
    const names = Array.from({ length: 500 }, (_, i) => `method${i}`);
    const table = new MethodTable();
    table.add(service("Many", ...names), run);
    for (const name of names) assertEquals(find(table, name), "Many");
    for (const name of ["", "method", "method500", "Method1", "method1 "]) assertEquals(find(table, name), undefined);
  });

  it("finds names that are no ASCII, and those every object has", () => {
    const table = new MethodTable();
    table.add(service("Odd", "grüße", "constructor", "__proto__", "toString"), run);
    for (const name of ["grüße", "constructor", "__proto__", "toString"]) assertEquals(find(table, name), "Odd");
    assertEquals(find(table, "hasOwnProperty"), undefined);
  });

  it("tells methods of the same name apart by their service", () => {
    const table = new MethodTable();
    table.add(service("A", "get", "a"), run, { fallback: true });
    table.add(service("B", "get", "b"), run);
    assertEquals(table.findIn("B", "get")?.service.name, "B");
    assertEquals(table.findIn("A", "b"), undefined);
    assertEquals(table.findIn("C", "get"), undefined);
    assertEquals([find(table, "get"), find(table, "a"), find(table, "b")], ["A", "A", "B"]);
  });

  it("finds a service that is to be named by its name alone", () => {
    const table = new MethodTable();
    table.add(service("A", "get"), run);
    table.add(service("B", "get", "b"), run, { named: true });
    assertEquals([find(table, "get"), find(table, "b")], ["A", undefined]);
    assertEquals([table.findIn("A", "get"), table.findIn("B", "get")].map((entry) => entry?.service.name), ["A", "B"]);
    const name = new TextEncoder().encode("Bget");
    assertEquals(table.findNamed(name, 1, 4, 0, 1)?.service.name, "B");
  });

  it("lets a fallback service added later answer", () => {
    const table = new MethodTable();
    table.add(service("A", "get"), run);
    assertEquals(find(table, "get"), "A");
    table.add(service("B", "get"), run, { fallback: true });
    assertEquals(find(table, "get"), "B");
  });

  it("refuses two owners of a name without a fallback, and two fallbacks", () => {
    const table = new MethodTable();
    table.add(service("A", "get"), run);
    assertThrows(() => table.add(service("B", "get"), run), RpcError, "services A and B both have a method get");
    const both = new MethodTable();
    both.add(service("A", "get"), run, { fallback: true });
    assertThrows(() => both.add(service("B", "get"), run, { fallback: true }), RpcError, "exactly one");
  });

  it("leaves nothing of a service it refused", () => {
    const table = new MethodTable();
    table.add(service("A", "get"), run);
    assertThrows(() => table.add(service("B", "other", "get"), run), RpcError);
    assertEquals(find(table, "other"), undefined);
    assertEquals(table.has("B"), false);
  });

  it("refuses the same service twice", () => {
    const table = new MethodTable();
    table.add(service("A"), run);
    assertThrows(() => table.add(service("A"), run), RpcError, "A was added already");
  });

  it("keeps the services of one payload from the messages of another", () => {
    const table = new MethodTable();
    const other: ServiceSchema = { ...service("A", "get", "put"), payload: "protobuf" };
    table.add(service("A", "get"), run);
    table.add(other, run);
    const name = new TextEncoder().encode("put");
    assertEquals(table.find(name, 0, 3), undefined);
    assertEquals(table.find(name, 0, 3, "protobuf")?.service, other);
    assertEquals(table.findIn("A", "put"), undefined);
    assertEquals(table.findIn("A", "put", "protobuf")?.service, other);
    assertEquals([table.has("A"), table.has("B"), table.has("A", "protobuf")], [true, false, true]);
    assertEquals(table.services.length, 2);
  });

  it("finds a service by its full name, and by the short one if that says which", () => {
    const table = new MethodTable();
    table.add(service("v1.A", "get"), run, { fallback: true });
    assertEquals(table.findIn("A", "get")?.service.fullName, "v1.A");
    table.add(service("v2.A", "get"), run);
    assertEquals(table.findIn("v1.A", "get")?.service.fullName, "v1.A");
    assertEquals(table.findIn("v2.A", "get")?.service.fullName, "v2.A");
    assertEquals([table.findIn("A", "get"), table.has("A"), table.has("v2.A")], [undefined, false, true]);
    assertThrows(
      () => table.add(service("v3.A", "get"), run, { fallback: true }),
      RpcError,
      "services v1.A and v3.A both have a method get",
    );
    assertThrows(() => table.add(service("v2.A", "other"), run), RpcError, "service v2.A was added already");
  });
});
