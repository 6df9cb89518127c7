import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  decodeApplicationException,
  encodeApplicationException,
  kindOf,
  typeOf,
} from "../../../codecs/thrift/application_exception.ts";
import { binary } from "../../../codecs/thrift/binary.ts";
import { type ErrorKind, RpcError } from "../../../lib/errors.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import { hex, payloads, toHex } from "./payloads.ts";

describe("TApplicationException", () => {
  for (const payload of payloads()) {
    it(`tells of an error and is told apart by kind, in ${payload.name}`, () => {
      const told: [ErrorKind, number | undefined, ErrorKind, number][] = [
        ["unimplemented", undefined, "unimplemented", 1],
        ["unimplemented", 20, "unimplemented", 20],
        ["unimplemented", 21, "unimplemented", 21],
        ["unimplemented", 12, "unimplemented", 1], // a gRPC status has no place here
        ["protocol", undefined, "protocol", 7],
        ["internal", undefined, "internal", 6],
        ["timeout", undefined, "internal", 6],
        ["overload", undefined, "internal", 6],
        ["business", 404, "internal", 6],
      ];
      for (const [kind, code, kindRead, type] of told) {
        const w = new WriteBuffer(4);
        const error = new RpcError(kind, "what happened", code === undefined ? {} : { code });
        encodeApplicationException(payload, w, error);
        const read = decodeApplicationException(payload, new ReadBuffer().reset(w.written()));
        assertEquals([read.kind, read.code, read.message, read.remote], [kindRead, type, "what happened", true]);
      }
    });
  }

  it("is written as Kitex writes it", () => {
    const w = new WriteBuffer();
    encodeApplicationException(binary(), w, new RpcError("internal", "biz error: boom"));
    assertEquals(toHex(w.written()), "0b00010000000f62697a206572726f723a20626f6f6d0800020000000600");
  });

  it("without a message gets the text of its type", () => {
    const read = (bytes: string): RpcError => decodeApplicationException(binary(), new ReadBuffer().reset(hex(bytes)));
    assertEquals(read("00").message, "unknown application exception");
    assertEquals(read("080002 00000005 00").message, "missing result");
    assertEquals(read("080002 00000014 00").message, "unknown service");
    assertEquals(read("080002 000003e7 00").message, "application exception of type 999");
  });

  it("keeps types nobody knows, and may be retried where the call cannot have run", () => {
    const read = (bytes: string): RpcError => decodeApplicationException(binary(), new ReadBuffer().reset(hex(bytes)));
    const unknown = read("080002 fffffff6 0b0003 00000001 78 00");
    assertEquals([unknown.kind, unknown.code, unknown.retryable], ["internal", -10, false]);
    assertEquals(read("080002 00000001 00").retryable, true);
  });

  it("has a kind for every type", () => {
    const kinds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 20, 21, -1].map(kindOf);
    const [p, u, i] = ["protocol", "unimplemented", "internal"];
    assertEquals(kinds, [i, u, p, p, p, p, i, p, p, p, p, i, u, u, i] as ErrorKind[]);
    assertEquals(typeOf(new RpcError("canceled", "x")), 6);
  });
});
