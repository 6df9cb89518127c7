import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  cancelPath,
  cancelType,
  decodeFailure,
  encodeFailure,
  failureType,
} from "../../../../codecs/ttheader/stream/stream_error.ts";
import { binary } from "../../../../codecs/thrift/binary.ts";
import { DEFAULT_LIMITS } from "../../../../codecs/thrift/limits.ts";
import { type ErrorKind, RpcError } from "../../../../lib/errors.ts";
import { ReadBuffer } from "../../../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../../../lib/io/write_buffer.ts";

const payload = binary({ limits: DEFAULT_LIMITS });
const bidi = new TextEncoder().encode("bidi");

/** The error as the other side gets it. */
function sent(error: RpcError, type: number, path?: string): RpcError {
  const w = new WriteBuffer();
  encodeFailure(payload, w, bidi, 3, type, error);
  return decodeFailure(payload, new ReadBuffer().reset(w.bytes, 0, w.pos), path);
}

describe("errors of streams", () => {
  it("reads the error of Kitex's captured trailer", () => {
    const hex = "80010003000000046269646900000003" + "0b00010000000f62697a206572726f723a20626f6f6d080002" +
      "0000000600";
    const bytes = Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
    const error = decodeFailure(payload, new ReadBuffer().reset(bytes));
    assertEquals([error.kind, error.code, error.message, error.remote], ["internal", 6, "biz error: boom", true]);
    const w = new WriteBuffer();
    encodeFailure(payload, w, bidi, 3, 6, new RpcError("internal", "biz error: boom"));
    assertEquals(w.bytes.slice(0, w.pos), bytes);
  });

  it("gives each type of Kitex its kind", () => {
    const kinds: readonly [number, ErrorKind][] = [
      [1, "unimplemented"],
      [6, "internal"],
      [7, "protocol"],
      [20, "unimplemented"],
      [12001, "internal"],
      [12002, "protocol"],
      [12003, "protocol"],
      [12004, "protocol"],
      [12005, "protocol"],
      [12006, "unavailable"],
      [12007, "canceled"],
      [12008, "canceled"],
      [12009, "canceled"],
      [12010, "canceled"],
      [12011, "canceled"],
      [12012, "canceled"],
      [12013, "transport"],
      [12014, "timeout"],
      [12015, "timeout"],
    ];
    for (const [type, kind] of kinds) {
      const error = sent(new RpcError("internal", "text"), type);
      assertEquals([error.kind, error.code, error.message], [kind, type, "text"]);
    }
  });

  it("chooses the type by the kind, and passes on one that came", () => {
    const of = (kind: ErrorKind, code?: number): RpcError => new RpcError(kind, "text", { code });
    assertEquals(failureType(of("internal")), 6);
    assertEquals(failureType(of("unimplemented", 20)), 20);
    assertEquals(failureType(of("unavailable")), 12006);
    assertEquals(failureType(of("timeout")), 12015);
    assertEquals(failureType(of("canceled", 12007)), 12007);
    assertEquals(cancelType(of("canceled"), false), 12007);
    assertEquals(cancelType(new RpcError("canceled", "text", { cause: new Error("why") }), false), 12008);
    assertEquals(cancelType(of("timeout"), true), 12015);
    assertEquals(cancelType(of("timeout"), false), 12014);
    assertEquals(cancelType(of("overload"), false), 12011);
    assertEquals(cancelType(of("timeout", 12015), false), 12015);
  });

  it("tells the services that a cancellation came through, and adds its own once on the way on", () => {
    const first = new RpcError("canceled", "stop");
    assertEquals(cancelPath(first, undefined), undefined);
    assertEquals(cancelPath(first, "A"), "A");
    const atB = sent(first, 12007, "A");
    assertEquals(atB.message, "stop [canceled path: A]");
    assertEquals(cancelPath(atB, "B"), "A,B");
    const atC = sent(atB, 12007, "A,B");
    assertEquals(atC.message, "stop [canceled path: A -> B]");
  });

  it("takes a reset without a payload, and one whose payload cannot be read", () => {
    const bare = decodeFailure(payload, new ReadBuffer().reset(new Uint8Array(0)));
    assertEquals([bare.kind, bare.code, bare.message], ["canceled", 13, "rst"]);
    const w = new WriteBuffer();
    encodeFailure(payload, w, bidi, 3, 6, new RpcError("internal", "text"));
    for (let length = 1; length < w.pos; length++) {
      const error = decodeFailure(payload, new ReadBuffer().reset(w.bytes, 0, length));
      assertEquals([error.kind, error.code], ["protocol", 12004], `${length} bytes`);
    }
    w.bytes[3] = 2; // a reply
    const reply = decodeFailure(payload, new ReadBuffer().reset(w.bytes, 0, w.pos));
    assertEquals([reply.kind, reply.code], ["protocol", 12004]);
  });

  it("leaves out a path that is too long for a header", () => {
    const error = new RpcError("canceled", "stop", { extra: { ttscp: "x".repeat(60_000) } });
    assertEquals(cancelPath(error, "y".repeat(10_000)), undefined);
  });

  it("cuts long messages", () => {
    assertEquals(sent(new RpcError("internal", "x".repeat(20_000)), 6).message.length, 8_192);
  });
});
