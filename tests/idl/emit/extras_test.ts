/**
 * What is generated for structs by option: deep copies, equality, masks, and unknown fields that are kept.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { binary } from "../../../codecs/thrift/binary.ts";
import { compact } from "../../../codecs/thrift/compact.ts";
import { json } from "../../../codecs/thrift/json.ts";
import type { Payload } from "../../../codecs/thrift/payload.ts";
import type { ThriftStruct } from "../../../codecs/thrift/thrift_struct.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import type { StructSchema } from "../../../lib/schema/types.ts";
import * as base from "../../golden/extras/base.ts";
import * as types from "../../golden/extras/types.ts";
import { randomSource, randomStruct } from "./random_values.ts";

type Copy = (value: unknown) => unknown;
type Mask = (value: unknown, mask: unknown) => unknown;
type Equal = (a: unknown, b: unknown) => boolean;

/** The structs of the module, typedefs of those of another apart. */
const STRUCTS = Object.entries(types)
  .filter(([name, value]) => isStruct(value) && name.replace(/Schema$/, "") === (value as StructSchema).name)
  .map(([, value]) => value as ThriftStruct<unknown>);

describe("copies", () => {
  it("are equal, and share nothing that can change", () => {
    const random = randomSource(4711);
    for (const struct of STRUCTS) {
      if (struct.name === "Nothing") continue;
      const { copy, equal } = functionsOf(struct);
      for (let i = 0; i < 20; i++) {
        const value = randomStruct(struct, random);
        const copied = copy(value);
        assert(equal(copied, value), struct.name);
        assertEquals(encode(struct, copied), encode(struct, value));
        assertEquals(shared(value, copied), [], struct.name);
      }
    }
  });
});

describe("equality", () => {
  it("sees every difference that the wire shows, whatever the order of sets and maps", () => {
    const random = randomSource(815);
    for (const struct of STRUCTS) {
      if (struct.name === "Nothing") continue;
      const { equal } = functionsOf(struct);
      for (let i = 0; i < 40; i++) {
        const a = randomStruct(struct, random);
        const b = randomStruct(struct, random);
        const sameBytes = String(encode(struct, a)) === String(encode(struct, b));
        // the wire keeps an order that equality does not ask for
        if (sameBytes) assert(equal(a, b), struct.name);
        else if (equal(a, b)) assertEquals(encode(struct, a).length, encode(struct, b).length, struct.name);
        assert(equal(a, a));
      }
    }
  });
  it("takes NaN for itself, and has no order for sets and maps of structs", () => {
    const nan = types.Scalars.create({ real: NaN });
    assert(types.equalScalars(nan, types.Scalars.create({ real: NaN })));
    assert(!types.equalScalars(nan, types.Scalars.create({ real: 1 })));
    const point = (x: number): base.Point => base.Point.create({ x });
    const a = types.Containers.create({ moves: new Map([[point(1), point(2)], [point(3), point(4)]]) });
    const b = types.Containers.create({ moves: new Map([[point(3), point(4)], [point(1), point(2)]]) });
    const c = types.Containers.create({ moves: new Map([[point(3), point(4)], [point(1), point(5)]]) });
    assert(types.equalContainers(a, b) && !types.equalContainers(a, c));
    const d = types.Containers.create({ phrases: new Set([["a"], ["b"]]) });
    const e = types.Containers.create({ phrases: new Set([["b"], ["a"]]) });
    const f = types.Containers.create({ phrases: new Set([["b"], ["b"]]) });
    assert(types.equalContainers(d, e) && !types.equalContainers(d, f));
    assert(!types.equalOptionals({ point: point(1) }, {}) && types.equalOptionals({ point: undefined }, {}));
    assert(!types.equalShape({ kind: "circle", value: 1 }, { kind: "seed", value: 1n }));
  });
});

describe("masks", () => {
  it("keep what they name, and what is required", () => {
    const tree = types.Tree.create({
      name: "root",
      left: types.Tree.create({ name: "l" }),
      children: [types.Tree.create({ name: "c0" }), types.Tree.create({ name: "c1", left: types.Tree.create() })],
      byName: new Map([["x", types.Tree.create({ name: "x" })], ["y", types.Tree.create()]]),
    });
    const masked = types.maskTree(tree, {
      name: true,
      children: { only: [1], each: { name: true } },
      byName: { only: ["x"], each: { name: true } },
    });
    const decoded = decode(types.Tree, encode(types.Tree, masked)) as types.Tree;
    assertEquals(decoded.name, "root");
    assertEquals(decoded.left, undefined);
    assertEquals(decoded.children.map((child) => [child.name, child.left]), [["c1", undefined]]);
    assertEquals([...decoded.byName].map(([key, value]) => [key, value.name]), [["x", "x"]]);
    const required = types.Requireds.create({
      text: "t",
      point: base.Point.create({ x: 5, name: "n" }),
      shape: { kind: "circle", value: 1 },
    });
    assertEquals(types.maskRequireds(required, {}), required);
    const inner = types.maskRequireds(required, { point: { x: true } });
    assertEquals(
      { ...inner.point },
      { x: 5, y: undefined, name: undefined, $unknown: undefined } as unknown as base.Point,
    );
  });
  it("leave out the same in every protocol", () => {
    const random = randomSource(606);
    for (const payload of [binary(), compact(), json()]) {
      const tree = types.Tree.create({ name: "root", children: [types.Tree.create({ name: "c" })] });
      const masked = types.maskTree(tree, { children: { each: { name: true } } });
      const decoded = decode(types.Tree, encode(types.Tree, masked, payload), payload) as types.Tree;
      assertEquals([decoded.name, decoded.children.map(({ name }) => name)], ["", ["c"]]);
      const empty = types.maskShape({ kind: "circle", value: 1 }, {});
      assertEquals((decode(types.Shape, encode(types.Shape, empty, payload), payload) as types.Shape).kind, "");
      for (const struct of [types.Scalars, types.Containers] as ThriftStruct<unknown>[]) {
        const mask = (types as unknown as Record<string, Mask>)[`mask${struct.name}`]!;
        const none = mask(randomStruct(struct, random), {});
        assertEquals(inKeys(decode(struct, encode(struct, none, payload), payload)), inKeys(struct.create()));
      }
      assertThrows(() => encode(types.Requireds, {}, payload), RpcError, "missing");
    }
  });
  it("leave out on the wire what they leave out", () => {
    const scalars = types.maskScalars(types.Scalars.create({ medium: 7, text: "x" }), { medium: true });
    assertEquals([...encode(types.Scalars, scalars)], [8, 0, 5, 0, 0, 0, 7, 0]);
    assertEquals([...encode(types.Shape, types.maskShape({ kind: "circle", value: 1 }, {}))], [0]);
  });
});

describe("unknown fields", () => {
  const old = types.Ids; // knows five fields
  it("are kept as they came and sent on", () => {
    const random = randomSource(99);
    for (const struct of [types.Scalars, types.Containers, types.Optionals] as ThriftStruct<unknown>[]) {
      const bytes = encode(struct, randomStruct(struct, random));
      const empty = decode(types.Empty, bytes) as types.Empty;
      assertEquals(encode(types.Empty, empty), bytes);
      assert(types.equalEmpty(types.copyEmpty(empty), empty) && !types.equalEmpty(empty, {}));
    }
    const point = decode(base.Point, encode(old, old.create({ one: 8, last: "kept", flag: true }))) as base.Point;
    assertEquals(point.x, 8);
    const again = decode(old, encode(base.Point, { ...point, x: 9 })) as types.Ids;
    assertEquals([again.one, again.last, again.flag, again.negative], [9, "kept", true, 0]);
  });
  it("of a union stand for a member that is not known", () => {
    const bytes = Uint8Array.of(11, 0, 99, 0, 0, 0, 1, 65, 0);
    const shape = decode(types.Shape, bytes) as types.Shape;
    assertEquals(shape.kind, "");
    assertEquals(encode(types.Shape, shape), bytes);
    assertEquals(encode(types.Nothing, decode(types.Nothing, bytes)), bytes);
  });
  it("come and go over Compact, and between it and Binary", () => {
    const random = randomSource(4242);
    const compactly = compact();
    for (const struct of [types.Scalars, types.Containers, types.Optionals, types.Tree] as ThriftStruct<unknown>[]) {
      for (let i = 0; i < 10; i++) {
        const value = randomStruct(struct, random);
        const [plain, packed] = [encode(struct, value), encode(struct, value, compactly)];
        const empty = decode(types.Empty, packed, compactly);
        assertEquals(encode(types.Empty, empty, compactly), packed);
        // what was empty has lost the types of its elements
        assertEquals(encode(struct, decode(struct, encode(types.Empty, empty))), plain, struct.name);
        assertEquals(encode(types.Empty, decode(types.Empty, plain), compactly), packed, struct.name);
      }
    }
    const mixed = encode(old, old.create({ one: 8, last: "kept", flag: true, negative: -7 }), compactly);
    const point = decode(base.Point, mixed, compactly) as base.Point;
    assertEquals(point.x, 8);
    const again = decode(old, encode(base.Point, { ...point, x: 9 }, compactly), compactly) as types.Ids;
    assertEquals([again.one, again.last, again.flag, again.negative], [9, "kept", true, -7]);
  });
  it("of a union are sent on over Compact, and refused by JSON", () => {
    const packed = Uint8Array.of(0x08, 0xc6, 0x01, 1, 65, 0); // a string with id 99
    for (const union of [types.Shape, types.Nothing] as ThriftStruct<unknown>[]) {
      const value = decode(union, packed, compact());
      assertEquals(encode(union, value, compact()), packed);
      const error = assertThrows(() => encode(union, value, json()), RpcError, "JSON cannot send on");
      assertEquals(error.kind, "invalid");
    }
  });
  it("are dropped by JSON, which does not tell text from binary", () => {
    const random = randomSource(17);
    const text = encode(types.Scalars, randomStruct(types.Scalars, random), json());
    const empty = decode(types.Empty, text, json()) as types.Empty;
    assertEquals(empty.$unknown, undefined);
    const kept = decode(types.Empty, encode(types.Scalars, randomStruct(types.Scalars, random)));
    assertEquals(new TextDecoder().decode(encode(types.Empty, kept, json())), "{}");
  });
  it("that were set by hand are checked over Compact", () => {
    const cases: readonly (readonly [unknown, string])[] = [
      [Uint8Array.of(8, 0), "the bytes end before the value does"],
      [Uint8Array.of(8, 0, 1, 0), "the bytes end before the value does"],
      [Uint8Array.of(0), "an end at byte 0"],
      [Uint8Array.of(99, 0, 1), "unknown type 99"],
      [Uint8Array.of(15, 0, 1, 99, 0, 0, 0, 1), "unknown type 99"],
      ["text", 'Empty.$unknown: expected a Uint8Array, got "text"'],
    ];
    for (const [$unknown, text] of cases) {
      const error = assertThrows(() => encode(types.Empty, { $unknown }, compact()), RpcError, text);
      assertEquals(error.kind, "invalid");
    }
    assertThrows(() => encode(types.Empty, { $unknown: "text" }), RpcError, "Empty.$unknown: expected a Uint8Array");
  });
  it("are as deep and as long over Compact as others may be", () => {
    const deep = (count: number): Uint8Array => {
      const bytes = new Uint8Array(2 * count + 1);
      return bytes.fill(0x1c, 0, count); // a struct in a struct ...
    };
    const value = decode(types.Empty, deep(64), compact());
    assertEquals(encode(types.Empty, value, compact()), deep(64));
    assertThrows(() => decode(types.Empty, deep(65), compact()), RpcError, "nested deeper than 64");
    // a list of 2^31 - 1 elements in a few bytes
    const long = Uint8Array.of(0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 7, 0);
    assertThrows(() => decode(types.Empty, long, compact()), RpcError, "exceeds");
  });
  it("are absent where there are none", () => {
    assertEquals((decode(types.Empty, Uint8Array.of(0)) as types.Empty).$unknown, undefined);
    assertThrows(() => decode(types.Empty, Uint8Array.of(11, 0, 1, 0, 0, 0, 9, 0)));
  });
  it("by the million are joined once", () => {
    const count = 200_000;
    const bytes = new Uint8Array(count * 11 + 1);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < count; i++) {
      // a known field between each two that are not
      view.setInt32(i * 11, 0x02_000701);
      view.setInt32(i * 11 + 4, 0x08_000100);
    }
    assertEquals((decode(base.Point, bytes) as base.Point).$unknown?.length, count * 4);
  });
});

describe("missing values", () => {
  it("are still an error in required fields", () => {
    const error = assertThrows(() => encode(types.Requireds, {}), RpcError);
    assertEquals(error.kind, "invalid");
  });
});

/** The fields, in one order. */
function inKeys(value: unknown): unknown {
  return Object.entries(value as object).sort(([a], [b]) => a < b ? -1 : 1);
}

function isStruct(value: unknown): boolean {
  return typeof value === "object" && value !== null && "fields" in value && "write" in value;
}

function functionsOf(struct: StructSchema): { copy: Copy; equal: Equal } {
  const module = types as unknown as Record<string, unknown>;
  return { copy: module[`copy${struct.name}`] as Copy, equal: module[`equal${struct.name}`] as Equal };
}

/** Paths at which both hold the same object. */
function shared(a: unknown, b: unknown, path = "value"): string[] {
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return [];
  if (a === b) return [path];
  if (a instanceof Uint8Array) return b instanceof Uint8Array && a.buffer === b.buffer ? [path] : [];
  const parts = (value: object): unknown[] =>
    value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value);
  const others = parts(b);
  return parts(a).flatMap((part, i) => shared(part, others[i], `${path}.${i}`));
}

function encode(schema: StructSchema, value: unknown, payload: Payload = binary()): Uint8Array {
  const w = new WriteBuffer(16);
  payload.codec(schema).encode(w, value);
  return w.written().slice();
}

function decode(schema: StructSchema, bytes: Uint8Array, payload: Payload = binary()): unknown {
  return payload.codec(schema).decode(new ReadBuffer().reset(bytes));
}
