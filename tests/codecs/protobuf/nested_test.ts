import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeJson } from "../../../codecs/protobuf/json_codec.ts";
import { completeLimits } from "../../../codecs/protobuf/limits.ts";
import { messageCodec } from "../../../codecs/protobuf/message_codec.ts";
import { nestedGuard } from "../../../codecs/protobuf/nested.ts";
import { RpcError } from "../../../lib/errors.ts";
import { AllTypesSchema, EchoRequestSchema, InnerSchema } from "../../interop/gen/echo_pb.ts";
import { seeded } from "../../lib/io/random.ts";

const MEBI = 1024 * 1024;
const TEXT = "more than 1048576 messages and unknown fields in a message";

/** `unit` again and again, so many times. */
function repeated(unit: readonly number[], times: number): Uint8Array {
  const bytes = new Uint8Array(unit.length * times);
  for (let i = 0; i < times; i++) bytes.set(unit, i * unit.length);
  return bytes;
}

describe("what a message becomes in memory", () => {
  const attacks: readonly [what: string, unit: readonly number[]][] = [
    ["empty messages", [0xa2, 0x01, 0x00]],
    ["entries of a map", [0xb2, 0x01, 0x00]],
    ["entries with empty messages in them", [0xb2, 0x01, 0x02, 0x12, 0x00]],
    ["unknown numbers", [0xb8, 0x3e, 0x00]],
    ["unknown bytes", [0xba, 0x3e, 0x00]],
    ["unknown fixed numbers", [0xbd, 0x3e, 0, 0, 0, 0]],
    ["unknown groups", [0xbb, 0x3e, 0xbc, 0x3e]],
    ["the same message", [0x8a, 0x01, 0x00]],
  ];
  for (const [what, unit] of attacks) {
    it(`is bounded for ${what}`, () => {
      const error = assertThrows(
        () => messageCodec(AllTypesSchema).decode(repeated(unit, MEBI + 1)),
        RpcError,
        TEXT,
      );
      assertEquals(error.kind, "protocol");
    });
  }

  it("counts messages at all depths, to the last one allowed", () => {
    const limits = completeLimits({ maxNested: 7 });
    const message = create(EchoRequestSchema, {
      msg: "as long as it takes to be looked at",
      all: { rinner: [{}, { next: { name: "a" } }], mii: { 1: { next: {} } } },
    }); // all, two of rinner, next, an entry, its value, next
    const bytes = toBinary(EchoRequestSchema, message);
    assertEquals(messageCodec(EchoRequestSchema, limits).decode(bytes).all?.rinner.length, 2);
    const six = messageCodec(EchoRequestSchema, completeLimits({ maxNested: 6 }));
    assertThrows(() => six.decode(bytes), RpcError, "more than 6 messages");
  });

  it("does not count what is known and no message", () => {
    const message = create(AllTypesSchema, {
      rints: Array.from({ length: 1_000 }, (_, i) => i),
      rstrings: Array.from({ length: 1_000 }, () => "text"),
      vbytes: new Uint8Array(1_000).fill(0xff),
      rdouble: [1, 2, 3],
      vf64: 5n,
      vf32: 5,
    });
    const bytes = toBinary(AllTypesSchema, message);
    const codec = messageCodec(AllTypesSchema, completeLimits({ maxNested: 1 }));
    assertEquals(codec.decode(bytes), message);
  });

  it("is bounded for JSON, strings aside", () => {
    const json = (items: string[]): string => `{"rstrings":["\\"{\\\\"],"rinner":[${items.join(",")}]}`;
    const sound = decodeJson(
      AllTypesSchema,
      json(Array.from({ length: 100_000 }, () => `{"name":"${"{".repeat(20)}"}`)),
    );
    assertEquals([sound.rinner.length, sound.rstrings], [100_000, ['"{\\']]);
    const hostile = json(Array.from({ length: MEBI + 1 }, () => "{}"));
    assertEquals(assertThrows(() => decodeJson(AllTypesSchema, hostile), RpcError, TEXT).kind, "protocol");
  });

  it("leaves what is malformed to the reader, and ends for any bytes", () => {
    const guard = nestedGuard(AllTypesSchema, completeLimits({ maxNested: 1_000 }));
    const below = seeded(11);
    for (let i = 0; i < 500; i++) {
      const bytes = Uint8Array.from({ length: 3_000 }, () => [below(256), 0x80, 0xff, 0xa2][below(4)]!);
      try {
        guard(bytes);
      } catch (error) {
        assertEquals((error as RpcError).kind, "protocol");
      }
    }
    guard(repeated([0x80], 3_000));
    guard(repeated([0x1a], 3_000));
    let deep = new Uint8Array();
    for (let i = 0; i < 1_000; i++) {
      deep = new BinaryWriter().tag(3, WireType.LengthDelimited).bytes(deep).finish() as typeof deep;
    }
    nestedGuard(InnerSchema, completeLimits({ maxNested: 200 }))(deep); // the reader allows 100 levels
  });
});
