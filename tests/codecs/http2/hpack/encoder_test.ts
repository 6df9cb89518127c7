import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { HeaderList } from "../../../../codecs/http2/header_list.ts";
import { HpackDecoder } from "../../../../codecs/http2/hpack/decoder.ts";
import { HpackEncoder } from "../../../../codecs/http2/hpack/encoder.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { WriteBuffer } from "../../../../lib/io/write_buffer.ts";
import { random, toHex } from "../hex.ts";

function encode(by: HpackEncoder, list: HeaderList, extra?: HeaderList): Uint8Array {
  const w = new WriteBuffer(1);
  by.encode(w, list, extra);
  return w.written().slice();
}

function request(extra: Record<string, string> = {}): HeaderList {
  return HeaderList.of({
    ":method": "POST",
    ":scheme": "http",
    ":path": "/pkg.Service/Method",
    ":authority": "svc",
    "content-type": "application/grpc",
    te: "trailers",
    ...extra,
  });
}

describe("HpackEncoder", () => {
  it("uses the static table from the first block on", () => {
    const list = HeaderList.of({ ":status": "200", "content-type": "a" });
    assertEquals(toHex(encode(new HpackEncoder(), list)), "880f100161");
  });

  it("indexes a field when its value comes again, and refers to it afterwards", () => {
    const by = new HpackEncoder();
    const sizes = [1, 2, 3, 4].map(() => encode(by, request()).length);
    assert(sizes[0]! > 30 && sizes[1]! > 30 && by.tableBytes > 0);
    assertEquals(sizes.slice(2), [6, 6]);
  });

  it("never lets values of one call push out what stays", () => {
    const by = new HpackEncoder();
    for (let i = 0; i < 3; i++) encode(by, request());
    const full = by.tableBytes;
    for (let i = 0; i < 500; i++) encode(by, request({ "x-trace": `id-${i}`, "grpc-timeout": `${i}m` }));
    assertEquals(by.tableBytes, full);
    assertEquals(encode(by, request()).length, 6);
  });

  it("indexes values that take turns", () => {
    const by = new HpackEncoder();
    for (let i = 0; i < 9; i++) encode(by, HeaderList.of({ "x-a": `value-${i % 3}` }));
    assertEquals(encode(by, HeaderList.of({ "x-a": "value-1" })).length, 1);
  });

  it("never indexes credentials, nor what the caller calls sensitive", () => {
    const by = new HpackEncoder();
    for (let i = 0; i < 5; i++) {
      const list = HeaderList.of({ authorization: "Bearer abc", cookie: "a=b", "set-cookie": "c" });
      list.add("x-secret", "s", true);
      const to = new HpackDecoder();
      const block = encode(by, list);
      const back = to.decode(block, 0, block.length);
      assertEquals([by.tableBytes, to.tableBytes], [0, 0]);
      for (let at = 0; at < 8; at += 2) assert(back.isSensitive(at));
      assertEquals([...back], [...list]);
    }
  });

  it("says so when the peer lowers or raises its table", () => {
    const by = new HpackEncoder();
    for (let i = 0; i < 3; i++) encode(by, request());
    by.limitTable(0);
    by.limitTable(100);
    const list = HeaderList.of({ ":status": "200" });
    assertEquals(toHex(encode(by, list)), "203f4588");
    assertEquals(toHex(encode(by, list)), "88");
    by.limitTable(1 << 20);
    assertEquals(toHex(encode(by, list)), "3fe11f88");
    by.limitTable(4096);
    assertEquals(toHex(encode(by, list)), "88");
  });

  it("copies a list it has encoded before, and notices when it or the table changed", () => {
    const by = new HpackEncoder();
    const to = new HpackDecoder();
    const base = request();
    for (let i = 0; i < 20; i++) {
      if (i === 8) base.add("x-more", "1");
      const extra = HeaderList.of({ "x-odd": `${i >> 1}` });
      const block = encode(by, base, i % 3 === 0 ? undefined : extra);
      const back = [...to.decode(block, 0, block.length)];
      assertEquals(back, i % 3 === 0 ? [...base] : [...base, ...extra]);
    }
  });

  it("refuses what may not be sent", () => {
    const bad: [string, string][] = [
      ["Name", "v"],
      ["", "v"],
      ["a b", "v"],
      ["a", "x\ny"],
      ["a", "x\0"],
      ["a", " x"],
      [
        "a",
        "€",
      ],
      ["connection", "close"],
      ["te", "gzip"],
      [":foo", "x"],
      [":path", ""],
    ];
    for (const [name, value] of bad) assertThrows(() => new HeaderList().add(name, value), RpcError);
    assertThrows(() => HeaderList.of([["a", "b"], [":path", "/"]]), RpcError, "after a regular one");
    assertThrows(() => HeaderList.of([[":path", "/"], [":path", "/"]]), RpcError, "twice");
  });
});

describe("HpackEncoder and HpackDecoder", () => {
  it("agree over long runs of random lists and table sizes", () => {
    const next = random(99);
    for (let run = 0; run < 20; run++) {
      const by = new HpackEncoder();
      const to = new HpackDecoder({ maxListBytes: 1 << 20 });
      for (let round = 0; round < 200; round++) {
        if (next(25) === 0) {
          const size = [0, 40, 100, 300, 4096, 9000][next(6)]!;
          by.limitTable(size);
          to.limitTable(size);
        }
        const list = randomList(next);
        const block = encode(by, list);
        const back = to.decode(block, 0, block.length);
        assertEquals([...back], [...list]);
        assertEquals([back.fault, back.octets, to.tableBytes], [undefined, list.octets, by.tableBytes]);
      }
    }
  });
});

function randomList(next: (below: number) => number): HeaderList {
  const list = new HeaderList();
  if (next(2) === 0) list.add(":path", `/m${next(6)}`).add(":method", ["GET", "POST", "PUT"][next(3)]!);
  for (let i = next(8); i > 0; i--) {
    const name = ["accept", "user-agent", "x-trace", "cookie", `x-${next(300)}`, "date"][next(6)]!;
    const length = next(20) === 0 ? next(1500) : next(12);
    let value = "";
    for (let j = 0; j < length; j++) value += String.fromCharCode(next(10) === 0 ? 128 + next(128) : 97 + next(3));
    list.add(name, value, next(30) === 0);
  }
  return list;
}
