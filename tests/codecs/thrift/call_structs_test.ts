/**
 * Arguments and outcomes put together at run time write and read what a schema alone, without generated code, does.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { binary } from "../../../codecs/thrift/binary.ts";
import { noArguments, oneArgument, outcome, thrown } from "../../../codecs/thrift/call_structs.ts";
import { withDefaults } from "../../../codecs/thrift/limits.ts";
import type { ThriftStruct } from "../../../codecs/thrift/thrift_struct.ts";
import {
  binaryValue,
  boolValue,
  doubleValue,
  enumValue,
  i16Value,
  i32Value,
  i64NumberValue,
  i64TextValue,
  i64Value,
  i8Value,
  stringValue,
  structValue,
  type ThriftValue,
  uuidValue,
} from "../../../codecs/thrift/values.ts";
import { RpcError } from "../../../lib/errors.ts";
import { bare, decode, encode } from "./payloads.ts";
import { ColorSchema, EchoException, EchoExceptionSchema, Inner } from "./sample.gen.ts";

type Values = Record<string, unknown>;

const payload = binary();
const inner = Inner.create({ name: "né", num: 7 });

/** Each part with a value it takes and one it does not. */
const VALUES: Readonly<Record<string, readonly [part: ThriftValue<unknown>, good: unknown, bad: unknown]>> = {
  bool: [boolValue, true, 1],
  i8: [i8Value, -128, 128],
  i16: [i16Value, -2, 0x8000],
  i32: [i32Value, 2 ** 31 - 1, 1.5],
  enum: [enumValue(() => ColorSchema), 5, "RED"],
  "i64 as bigint": [i64Value, -(2n ** 63n), 2n ** 63n],
  "i64 as number": [i64NumberValue, Number.MIN_SAFE_INTEGER, 2 ** 53],
  "i64 as text": [i64TextValue, "-9223372036854775808", "9223372036854775808"],
  double: [doubleValue, -0.5, "1"],
  string: [stringValue, "ünï", 1],
  binary: [binaryValue, Uint8Array.of(1, 2, 3), "text"],
  uuid: [uuidValue, "00112233-4455-6677-8899-aabbccddeeff", "no uuid"],
  struct: [structValue(() => Inner), inner, "no struct"],
};

function argument(part: ThriftValue<unknown>, more: Parameters<typeof oneArgument>[5] = {}): ThriftStruct<Values> {
  return oneArgument("call_args", 3, "it", part, (value) => ({ it: value }), more);
}

for (const [name, [part, good, bad]] of Object.entries(VALUES)) {
  describe(`one argument of type ${name}`, () => {
    const struct = argument(part);

    it("is written and read as its schema says", () => {
      const bytes = encode(payload, struct, { it: good });
      assertEquals(bytes, encode(payload, bare(struct), { it: good }));
      assertEquals(decode(payload, struct, bytes), { it: good });
    });

    it("is UNDERRUN for every strict prefix", () => {
      const bytes = encode(payload, struct, { it: good });
      for (let end = 0; end < bytes.length; end++) {
        assertThrows(() => decode(payload, struct, bytes.subarray(0, end)), RpcError, "the bytes end");
      }
    });

    it("refuses a value that does not fit, and names its path", () => {
      assertThrows(() => encode(payload, struct, { it: bad }), RpcError, "call_args.it: expected");
    });

    it("is what its schema says when it does not come", () => {
      assertEquals(decode(payload, struct, Uint8Array.of(0)), decode(payload, bare(struct), Uint8Array.of(0)));
      const optional = argument(part, { requiredness: "optional" });
      assertEquals(encode(payload, optional, {}), Uint8Array.of(0));
      assertEquals(decode(payload, optional, Uint8Array.of(0)), { it: undefined });
    });
  });
}

describe("one argument", () => {
  it("has the facts of the IDL in its schema", () => {
    const facts = { name: "class", requiredness: "required" as const, annotations: { a: ["1"] } };
    assertEquals(argument(i32Value, facts).fields, [{ id: 3, key: "it", type: { kind: "i32" }, ...facts }]);
  });

  it("that is required must be given and must come", () => {
    const struct = argument(i32Value, { requiredness: "required" });
    assertThrows(() => encode(payload, struct, {}), RpcError, "call_args.it: missing");
    assertThrows(() => decode(payload, struct, Uint8Array.of(0)), RpcError, "required field call_args.it is not set");
  });

  it("has the default of the IDL when it does not come", () => {
    assertEquals(decode(payload, argument(i32Value, { default: () => 42 }), Uint8Array.of(0)), { it: 42 });
  });

  it("passes over what it does not know, and over its own id with another type", () => {
    const other = oneArgument("other_args", 3, "it", stringValue, (value) => ({ it: value }));
    assertEquals(decode(payload, argument(i32Value), encode(payload, other, { it: "x" })), { it: 0 });
  });

  it("counts as a level of depth", () => {
    const [shallow, struct] = [binary({ limits: withDefaults({ maxDepth: 1 }) }), argument(structValue(() => Inner))];
    const nested = { it: { ...inner, child: inner } };
    assertEquals(decode(shallow, struct, encode(payload, struct, { it: inner })), { it: inner });
    assertThrows(() => decode(shallow, struct, encode(payload, struct, nested)), RpcError, "nested deeper than 1");
  });

  it("is nothing but the end for a method without", () => {
    assertEquals(encode(payload, noArguments("ping_args"), {}), Uint8Array.of(0));
    assertEquals(decode(payload, noArguments("ping_args"), Uint8Array.of(0)), {});
  });
});

describe("an outcome", () => {
  const errors = [thrown(1, "ex", () => EchoExceptionSchema), thrown(2, "other", () => EchoExceptionSchema)];
  const struct = outcome("fail_result", stringValue, errors);

  for (
    const [what, values] of Object.entries({
      "a value": { success: "x" },
      "the first exception": { ex: new EchoException({ code: 42, message: "declared" }) },
      "the second exception": { other: new EchoException({ code: 1, message: "other" }) },
      nothing: {},
    })
  ) {
    it(`with ${what} is written and read as its schema says`, () => {
      const bytes = encode<Values>(payload, struct, values);
      assertEquals(bytes, encode<Values>(payload, bare(struct), values));
      assertEquals(decode(payload, struct, bytes), { success: undefined, ...values });
    });
  }

  it("of a method that gives nothing has no value", () => {
    const failure = new EchoException({ code: 1, message: "m" });
    const empty = outcome("notify_result", undefined, errors);
    assertEquals(decode(payload, outcome("ping_result"), Uint8Array.of(0)), {});
    assertEquals(decode(payload, empty, encode(payload, struct, { ex: failure })), { ex: failure });
  });
});
