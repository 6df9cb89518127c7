import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  decodeBinary,
  encodeBinary,
  readRequestMetadata,
  readResponseMetadata,
  writeRequestMetadata,
  writeResponseMetadata,
} from "../../../codecs/grpc/metadata.ts";
import { HeaderList } from "../../../codecs/http2/header_list.ts";
import { RpcError } from "../../../lib/errors.ts";
import { Metadata } from "../../../lib/rpc/metadata.ts";

describe("writeRequestMetadata", () => {
  it("gives metainfo its prefixes and everything else its name", () => {
    const list = new HeaderList();
    const meta = new Metadata({ transient: { T_KEY: "t" }, persistent: { P: "p" }, headers: { "x-one": "1" } });
    writeRequestMetadata(list, meta);
    assertEquals([...list], [["rpc-transit-t-key", "t"], ["rpc-persist-p", "p"], ["x-one", "1"]]);
    const back = new Metadata();
    readRequestMetadata(list, back);
    assertEquals([...back.transient, ...back.persistent, ...back.headers], [["T_KEY", "t"], ["P", "p"], [
      "x-one",
      "1",
    ]]);
  });

  it("refuses what is gRPC's own, what is no name, and what is no value", () => {
    for (
      const [name, value] of [
        ["grpc-status", "0"],
        ["content-type", "x"],
        [":path", "/"],
        ["Upper", "x"],
        ["a b", "x"],
        ["x", "ü"],
        ["x", "a\nb"],
        ["x-bin", "no base64!"],
      ] as const
    ) {
      const error = assertThrows(
        () => writeRequestMetadata(new HeaderList(), new Metadata({ headers: { [name]: value } })),
        RpcError,
      );
      assertEquals(error.kind, "invalid", name);
    }
  });
});

describe("readRequestMetadata", () => {
  it("passes over gRPC's own fields and joins values of one name", () => {
    const list = HeaderList.of([[":path", "/"], ["te", "trailers"], ["a", "1"], ["grpc-timeout", "1S"], ["a", "2"]]);
    const meta = new Metadata();
    readRequestMetadata(list, meta);
    assertEquals([...meta.headers], [["a", "1,2"]]);
  });

  it("takes names of the object prototype for names", () => {
    const meta = new Metadata();
    readRequestMetadata(HeaderList.of([["__proto__", "x"], ["constructor", "y"]]), meta);
    assertEquals([...meta.headers], [["__proto__", "x"], ["constructor", "y"]]);
  });
});

describe("writeResponseMetadata", () => {
  it("carries keys that are no header names as metainfo", () => {
    const list = new HeaderList();
    writeResponseMetadata(list, new Map([["back-k1", "v1"], ["BACK_K2", "v2"]]));
    assertEquals([...list], [["back-k1", "v1"], ["rpc-backward-back-k2", "v2"]]);
    const back = new Map<string, string>();
    readResponseMetadata(list, back);
    assertEquals([...back], [["back-k1", "v1"], ["BACK_K2", "v2"]]);
  });
});

describe("encodeBinary and decodeBinary", () => {
  it("are base64 without padding, read with or without", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    for (let length = 0; length <= 256; length++) {
      const text = encodeBinary(bytes.subarray(0, length));
      assertEquals(text.includes("="), false);
      assertEquals(decodeBinary(text), bytes.slice(0, length));
    }
    assertEquals(decodeBinary("q6s="), decodeBinary("q6s"));
    assertEquals(assertThrows(() => decodeBinary("a!b"), RpcError).kind, "protocol");
  });
});
