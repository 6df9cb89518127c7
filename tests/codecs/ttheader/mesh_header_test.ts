import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeMeshHeader } from "../../../codecs/ttheader/mesh_header.ts";
import { RpcError } from "../../../lib/errors.ts";
import { bytesOf } from "./hex.ts";

const HEADER = bytesOf("ffaf 000c 0001 0003 69736e 0003 566563");

describe("a mesh header", () => {
  it("is read, what is left of it ignored", () => {
    assertEquals(decodeMeshHeader(HEADER), { strings: new Map([["isn", "Vec"]]), end: 16 });
    assertEquals(decodeMeshHeader(bytesOf("ffaf 0004 0000 dead 80"))?.end, 8);
  });
  it("cut off anywhere is not there yet", () => {
    for (let length = 0; length < HEADER.length; length++) {
      assertEquals(decodeMeshHeader(HEADER.subarray(0, length)), null);
    }
  });
  it("whose pairs reach past its end is refused", () => {
    for (
      const hex of ["ffaf 0001 00", "ffaf 0002 0001", "ffaf 0006 0001 0003 6973", "ffaf 0008 0001 0001 61 0004 62"]
    ) {
      assertEquals(assertThrows(() => decodeMeshHeader(bytesOf(hex)), RpcError).kind, "protocol");
    }
  });
});
