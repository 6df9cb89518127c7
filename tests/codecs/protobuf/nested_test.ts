import { create, createFileRegistry, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  file_google_protobuf_wrappers,
  FileDescriptorProtoSchema,
  ListValueSchema,
  StructSchema,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeJson } from "../../../codecs/protobuf/json_codec.ts";
import { completeLimits } from "../../../codecs/protobuf/limits.ts";
import { messageCodec } from "../../../codecs/protobuf/message_codec.ts";
import { nestedGuard } from "../../../codecs/protobuf/nested.ts";
import { RpcError } from "../../../lib/errors.ts";
import { AllTypesSchema, EchoRequestSchema } from "../../interop/gen/echo_pb.ts";
import { seeded } from "../../lib/io/random.ts";

const MEBI = 1024 * 1024;
const TEXT = "more than 1048576 messages and unknown fields in a message";

/** `unit` again and again, so many times. */
function repeated(unit: readonly number[], times: number): Uint8Array {
  const bytes = new Uint8Array(unit.length * times);
  for (let i = 0; i < times; i++) bytes.set(unit, i * unit.length);
  return bytes;
}

/** A message of types that the services of the tests have not. */
function descOf(name: "Grouped" | "Nest" | "Wrapped"): DescMessage {
  const { OPTIONAL, REPEATED } = FieldDescriptorProto_Label;
  const { GROUP, INT32, MESSAGE, STRING } = FieldDescriptorProto_Type;
  const file = create(FileDescriptorProtoSchema, {
    name: "nested.proto",
    syntax: "proto2",
    messageType: [
      {
        name: "Grouped",
        field: [
          { name: "groups", number: 1, label: REPEATED, type: GROUP, typeName: ".Grouped.Groups" },
          { name: "number", number: 2, label: OPTIONAL, type: INT32 },
        ],
        nestedType: [{ name: "Groups", field: [{ name: "text", number: 2, label: OPTIONAL, type: STRING }] }],
      },
      {
        name: "Nest",
        field: [
          { name: "text", number: 1, label: OPTIONAL, type: STRING },
          { name: "next", number: 3, label: OPTIONAL, type: MESSAGE, typeName: ".Nest" },
          { name: "all", number: 4, label: REPEATED, type: MESSAGE, typeName: ".Nest.AllEntry" },
        ],
        nestedType: [{
          name: "AllEntry",
          options: { mapEntry: true },
          field: [
            { name: "key", number: 1, label: OPTIONAL, type: INT32 },
            { name: "value", number: 2, label: OPTIONAL, type: MESSAGE, typeName: ".Nest" },
          ],
        }],
      },
      {
        name: "Wrapped",
        field: [
          { name: "wrapped", number: 1, label: REPEATED, type: MESSAGE, typeName: ".google.protobuf.Int32Value" },
        ],
      },
    ],
    dependency: ["google/protobuf/wrappers.proto"],
  });
  return createFileRegistry(
    file,
    (name) => name === file_google_protobuf_wrappers.proto.name ? file_google_protobuf_wrappers : undefined,
  ).getMessage(name)!;
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

  it("is bounded for JSON of types that hold values of any kind, each value counted", () => {
    const lists = "[],".repeat(600_000); // a value and a list each
    const error = assertThrows(() => decodeJson(ListValueSchema, `[${lists}1]`), RpcError, TEXT);
    assertEquals(error.kind, "protocol");
    assertThrows(() => decodeJson(StructSchema, `{"a":[${"1,".repeat(MEBI)}1]}`), RpcError, TEXT);
    assertThrows(() => decodeJson(ValueSchema, `{"a":[[[${'"[,",'.repeat(MEBI)}1]]]}`), RpcError, TEXT);
    assertEquals(decodeJson(ListValueSchema, `[${"1,".repeat(MEBI - 2)}1]`).values.length, MEBI - 1);
    const texts = `[${'"[,\\",{",'.repeat(9)}""]`;
    assertEquals(decodeJson(ListValueSchema, texts, undefined, 10).values.length, 10);
    assertThrows(() => decodeJson(ListValueSchema, texts, undefined, 9), RpcError, "more than 9 messages");
  });

  it("is bounded for JSON of lists of messages that are numbers there, and not for other numbers", () => {
    const numbers = (key: string): string => `{"${key}":[${"1,".repeat(20)}1]}`;
    const desc = descOf("Wrapped");
    assertThrows(() => decodeJson(desc, numbers("wrapped"), undefined, 10), RpcError, "more than 10 messages");
    decodeJson(AllTypesSchema, numbers("rints"), undefined, 10);
  });

  it("sees what the reader sees where messages lie about their lengths and types", () => {
    const lies: readonly [what: string, head: readonly number[], text: string][] = [
      // The reader goes on behind the end of the message around: ..., of 1 byte, holds one of 2^21 bytes.
      ["a message longer than the one around", [0x8a, 0x01, 0x01, 0x1a, 0x80, 0x80, 0x80, 0x01], "longer than"],
      // The reader takes the length for the number, and what follows for fields.
      ["a number that says it is bytes", [0x0a, 0x80, 0x80, 0x80, 0x01], "has type 2 on the wire, not 0"],
      ["a message that says it is a number", [0xa0, 0x01, 0x05], "has type 0 on the wire, not 2"],
      ["an entry with a third field", [0xb2, 0x01, 0x02, 0x1a, 0x00], "field 3 in an entry"],
      ["a group without an end", [0xbb, 0x3e], "has no end"],
      ["a number without an end", Array.from({ length: 12 }, () => 0x88), "more than 10 bytes"],
    ];
    const rest = repeated([0xa2, 0x01, 0x00], MEBI); // messages, though no more than allowed
    for (const [, head, text] of lies) {
      const bytes = new Uint8Array(head.length + rest.length);
      bytes.set(head);
      bytes.set(rest, head.length);
      const error = assertThrows(() => messageCodec(AllTypesSchema).decode(bytes), RpcError, text);
      assertEquals(error.kind, "protocol");
    }
  });

  it("counts values that a closed enum does not have, which are kept as unknown", () => {
    const codec = messageCodec(FieldDescriptorProtoSchema);
    const unknown = assertThrows(() => codec.decode(repeated([0x20, 0x7f], MEBI + 1)), RpcError, TEXT);
    assertEquals(unknown.kind, "protocol");
    assertEquals(codec.decode(repeated([0x20, 0x03], MEBI + 1)).label, 3);
  });

  it("goes through groups as through messages, and over unknown ones", () => {
    const limits = completeLimits({ maxNested: 3 });
    const desc = descOf("Grouped");
    const codec = messageCodec(desc, limits);
    const write = (groups: number): Uint8Array => {
      const w = new BinaryWriter();
      // What is a number in the message is text in the group.
      for (let i = 0; i < groups; i++) {
        w.tag(1, WireType.StartGroup).tag(2, WireType.LengthDelimited).string("as long as it takes").tag(
          1,
          WireType.EndGroup,
        );
      }
      w.tag(9, WireType.StartGroup).tag(7, WireType.Varint).uint32(1).tag(7, WireType.Varint).uint32(1).tag(
        9,
        WireType.EndGroup,
      );
      return w.tag(2, WireType.Varint).uint32(5).finish();
    };
    const message = codec.decode(write(2)) as unknown as { groups: unknown[]; number: number };
    assertEquals([message.groups.length, message.number], [2, 5]);
    assertThrows(() => codec.decode(write(3)), RpcError, "more than 3 messages");
  });

  it("allows as many levels as the reader, entries of maps not among them", () => {
    const desc = descOf("Nest");
    for (const [number, maxNested] of [[3, 110], [4, 205]] as const) {
      const wrap = (bytes: Uint8Array): Uint8Array => {
        const value = number === 3 ? bytes : new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(bytes).finish();
        return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(value).finish();
      };
      let bytes: Uint8Array = new Uint8Array([0x0a, 0x00]);
      for (let level = 1; level < 100; level++) bytes = wrap(bytes);
      assert(bytes.length >= 2 * maxNested); // else it is not looked through
      const codec = messageCodec(desc, completeLimits({ maxNested }));
      codec.decode(bytes);
      assertThrows(() => codec.decode(wrap(bytes)), RpcError, "nested deeper than 100");
      assertThrows(() => messageCodec(desc).decode(wrap(bytes)), RpcError, "recursion depth of 100");
    }
  });

  it("goes through all types that protobuf-es writes", () => {
    const message = create(AllTypesSchema, {
      vbool: true,
      vi32: -1,
      vi64: -1n,
      vu32: 1,
      vu64: 1n,
      vs32: -1,
      vs64: -1n,
      vf32: 1,
      vf64: 1n,
      vsf32: 1,
      vsf64: 1n,
      vfloat: 1,
      vdouble: 1,
      vstring: "a",
      vbytes: new Uint8Array(3),
      venum: 1,
      inner: { name: "a", colors: [0, 1] },
      rints: [1, -1],
      rinner: [{ next: { name: "a" } }],
      mss: { a: "b" },
      mii: { 1: { name: "b" } },
      rsint: [1n],
      rdouble: [1],
      bigid: "a",
    });
    const codec = messageCodec(AllTypesSchema, completeLimits({ maxNested: 6 }));
    assertEquals(codec.decode(toBinary(AllTypesSchema, message)), message);
  });

  it("ends for any bytes", () => {
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
    assertThrows(() => guard(repeated([0x80], 3_000)), RpcError, "malformed");
    assertThrows(() => guard(repeated([0x1a], 3_000)), RpcError, "malformed");
  });
});
