import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { completeLimits } from "../../../codecs/protobuf/limits.ts";
import { messageCodec } from "../../../codecs/protobuf/message_codec.ts";
import { RpcError } from "../../../lib/errors.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import {
  AllTypesSchema,
  Color,
  EchoRequestSchema,
  EchoResponseSchema,
  InnerSchema,
} from "../../interop/gen/echo_pb.ts";

function encoded<Desc extends DescMessage>(desc: Desc, value: unknown): Uint8Array {
  const w = new WriteBuffer(4);
  messageCodec(desc).encode(w, value);
  return w.written().slice();
}

function error(run: () => unknown, kind: RpcError["kind"]): string {
  const error = assertThrows(run, RpcError);
  assertEquals(error.kind, kind);
  return error.message;
}

const FULL: MessageShape<typeof AllTypesSchema> = create(AllTypesSchema, {
  vi64: -5n,
  vu64: 0xffff_ffff_ffff_ffffn,
  vdouble: 1.5,
  vstring: "grüße",
  vbytes: new Uint8Array([1, 2, 3]),
  venum: Color.BLUE,
  inner: { name: "n", next: { num: 0 } },
  rints: [1, -1],
  mss: { a: "b" },
  mii: { 7: { name: "seven" } },
  choice: { case: "cinner", value: { name: "c" } },
});

describe("messageCodec", () => {
  it("writes messages and what makes them, behind what is there", () => {
    const w = new WriteBuffer(1);
    const codec = messageCodec(InnerSchema);
    codec.encode(w, create(InnerSchema, { name: "a" }));
    codec.encode(w, { num: 8 });
    codec.encode(w, {});
    assertEquals([...w.written()], [0x0a, 1, 0x61, 0x10, 8]);
  });

  it("reads what it wrote", () => {
    assertEquals(messageCodec(AllTypesSchema).decode(encoded(AllTypesSchema, FULL)), FULL);
  });

  it("reads a part of the bytes and keeps none of them", () => {
    const bytes = encoded(AllTypesSchema, { vbytes: new Uint8Array([1, 2, 3]) });
    const unknown = new BinaryWriter().tag(4000, WireType.LengthDelimited).bytes(new Uint8Array([9])).finish();
    const buffer = new Uint8Array([0xff, ...bytes, ...unknown, 0xff]);
    const message = messageCodec(AllTypesSchema).decode(buffer, 1, buffer.length - 1);
    buffer.fill(0);
    assertEquals([...message.vbytes], [1, 2, 3]);
    assertEquals(message.$unknown?.map(({ no, data }) => [no, ...data]), [[4000, 1, 9]]);
  });

  it("sends fields on that it does not know", () => {
    const bytes = encoded(AllTypesSchema, FULL);
    assertEquals(encoded(EmptySchema, messageCodec(EmptySchema).decode(bytes)), bytes);
  });

  it("says what does not fit, and writes nothing of it", () => {
    const w = new WriteBuffer();
    const refuse = (value: unknown): string => error(() => messageCodec(EchoRequestSchema).encode(w, value), "invalid");
    assertStringIncludes(refuse({ all: { vi32: 1.5 } }), "echo.pb.AllTypes.vi32");
    assertStringIncludes(refuse({ all: { vbytes: "text" } }), "echo.pb.AllTypes.vbytes");
    assertEquals(refuse(undefined), "undefined where echo.pb.EchoRequest is due");
    assertEquals(refuse(null), "null where echo.pb.EchoRequest is due");
    assertEquals(refuse("text"), "string where echo.pb.EchoRequest is due");
    assertEquals(refuse(create(EchoResponseSchema)), "echo.pb.EchoResponse where echo.pb.EchoRequest is due");
    const circle = create(InnerSchema);
    circle.next = circle;
    assertStringIncludes(refuse({ all: { inner: circle } }), "echo.pb.EchoRequest cannot be written");
    const evil = {
      get msg(): string {
        throw new Error("no");
      },
    };
    assertEquals(refuse(evil), "echo.pb.EchoRequest cannot be written: no");
    assertEquals(w.pos, 0);
  });

  it("gives a message or an error for every strict prefix", () => {
    const bytes = encoded(AllTypesSchema, FULL);
    const codec = messageCodec(AllTypesSchema);
    for (let end = 0; end < bytes.length; end++) {
      try {
        codec.decode(bytes, 0, end);
      } catch (reason) {
        assert(reason instanceof RpcError && reason.kind === "protocol", `at ${end}: ${reason}`);
      }
    }
  });

  it("reads what protobuf-es reads, and nothing else, of random bytes", () => {
    let seed = 0x2545f491;
    const random = (below: number): number => {
      seed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) ^ (seed << 7);
      return (seed >>> 0) % below;
    };
    const valid = encoded(AllTypesSchema, FULL);
    const codec = messageCodec(AllTypesSchema);
    for (let round = 0; round < 2_000; round++) {
      const bytes = valid.slice(0, 1 + random(valid.length));
      for (let i = random(4); i >= 0; i--) bytes[random(bytes.length)] = random(256);
      let expected: unknown;
      try {
        expected = fromBinary(AllTypesSchema, bytes);
      } catch {
        error(() => codec.decode(bytes), "protocol");
        continue;
      }
      assertEquals(codec.decode(bytes), expected);
    }
  });

  it("refuses text that is no UTF-8", () => {
    const message = error(() => messageCodec(InnerSchema).decode(new Uint8Array([0x0a, 1, 0xff])), "protocol");
    assertStringIncludes(message, "echo.pb.Inner cannot be read");
  });

  it("keeps the limit of size both ways", () => {
    const codec = messageCodec(InnerSchema, completeLimits({ maxMessageBytes: 4 }));
    const w = new WriteBuffer();
    codec.encode(w, { name: "ab" });
    assertEquals(codec.decode(w.bytes, 0, 4).name, "ab");
    assertEquals(error(() => codec.encode(w, { name: "abc" }), "invalid"), "echo.pb.Inner of 5 bytes exceeds 4");
    assertEquals(error(() => codec.decode(w.bytes, 0, 5), "protocol"), "echo.pb.Inner of 5 bytes exceeds 4");
    assertEquals(w.pos, 4);
  });

  it("keeps the limit of depth in fields known and unknown", () => {
    let inner = create(InnerSchema);
    for (let i = 1; i < 100; i++) inner = create(InnerSchema, { next: inner });
    const codec = messageCodec(InnerSchema);
    codec.decode(toBinary(InnerSchema, inner));
    const deeper = toBinary(InnerSchema, create(InnerSchema, { next: inner }));
    assertStringIncludes(error(() => codec.decode(deeper), "protocol"), "100");
    const groups = new Uint8Array(1_000_000).fill(0x0b | 0x70); // field 15, begin of a group
    error(() => codec.decode(groups), "protocol");
  });
});

describe("completeLimits", () => {
  it("completes with the defaults", () => {
    assertEquals(completeLimits(), { maxMessageBytes: 16 * 1024 * 1024, maxDepth: 100, maxNested: 1024 * 1024 });
    assertEquals(completeLimits({ maxDepth: 5 }).maxDepth, 5);
  });

  it("refuses what is no positive integer or too large", () => {
    for (
      const limits of [{ maxDepth: 0 }, { maxDepth: 1001 }, { maxNested: 0 }, { maxMessageBytes: 1.5 }, {
        maxMessageBytes: 2 ** 31,
      }]
    ) {
      error(() => completeLimits(limits), "invalid");
    }
  });
});
