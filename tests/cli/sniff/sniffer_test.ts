import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MessageReader } from "../../../cli/sniff/messages.ts";
import type { Direction, Sniffed } from "../../../cli/sniff/sniffed.ts";
import { Sniffer, type SnifferOptions } from "../../../cli/sniff/sniffer.ts";
import { parseHex } from "../../../cli/sniff/captured_bytes.ts";
import { encodeFrame } from "../../../codecs/ttheader/frame.ts";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import { schemasOf } from "../../codecs/generic/schemas.ts";

const IDL = `
struct Req { 1: i32 n 2: optional string s }
struct Resp { 1: i32 n }
service Vec { Resp add(1: Req r) Req bidi(1: Req r) (streaming.mode = "bidirectional") }
`;

/** Messages as Kitex v0.16.0 and Apache Thrift write them. */
const FRAMES: Readonly<Record<string, string>> = {
  "ttheader":
    "00000061 1000 0000 0000000e 000f 0000 01 0001 0003 69736e 0003 566563 10 0006 0003 0003 636c69 0014 0000" +
    "0006 0003 737663 0009 0003 616464 0016 0001 31 0001 0008 756e6672616d6564 80010001 00000003 616464 0000000e" +
    "0c0001 080001 00000007 00 00",
  "thrift framed":
    "0000002e 80010003 00000004 6661696c 00000008 0b0001 0000000f 62697a206572726f723a20626f6f6d 080002" +
    "00000006 00",
  "thrift buffered": "80010001 00000003 616464 00000007 080001 0000012c 00",
  "thrift buffered compact": "82 21 07 03 616464 15 d804 00",
  "thrift buffered json": "5b312c22616464222c312c372c7b2231223a7b22693332223a3330307d7d5d",
  "kitex protobuf": "00000015 90010001 00000003 616464 0000001f 0807 12026869",
  "mesh header": "ffaf 000a 0001 0002 6162 0002 6364",
};

function sniffAll(hex: string, options: Partial<SnifferOptions> = {}, chunk = Infinity): Sniffed[] {
  const sniffer = new Sniffer({ from: "client", messages: new MessageReader([]), ...options });
  const bytes = parseHex(hex);
  const items: Sniffed[] = [];
  for (let at = 0; at < bytes.length; at += chunk) items.push(...sniffer.feed(bytes.subarray(at, at + chunk)));
  return [...items, ...sniffer.end()];
}

describe("Sniffer", () => {
  it("knows every protocol, and reads structs by id and type", () => {
    const seen = Object.values(FRAMES).map((hex) => sniffAll(hex).map((item) => `${item.protocol}: ${item.summary}`));
    assertEquals(seen, [
      ["ttheader: CALL add seq 14"],
      ["thrift framed: EXCEPTION fail seq 8"],
      ["thrift buffered: CALL add seq 7"],
      ["thrift buffered: CALL add seq 7"],
      ["thrift buffered: CALL add seq 7"],
      ["kitex protobuf: CALL add seq 31"],
      ["mesh header: 1 pairs"],
    ]);
    assertEquals(sniffAll(FRAMES["thrift framed"]!)[0]?.details.body, { "1 string": "biz error: boom", "2 i32": 6 });
    assertEquals(sniffAll(FRAMES["kitex protobuf"]!)[0]?.details.body, { "1 varint": 7n, "2 bytes": "hi" });
    const [ttheader] = sniffAll(FRAMES.ttheader!);
    assertEquals(ttheader?.details.strings, new Map([["isn", "Vec"]]));
    assertEquals((ttheader?.details.ints as Map<string, string>).get("TO_METHOD"), "add");
  });

  it("reads containers of Binary and Compact", () => {
    const body = {
      "1 map": new Map<unknown, unknown>([["a", { "1 i32": 7 }]]),
      "2 list": [true, false],
      "3 set": [1n],
      "20 double": 1.5,
    };
    const binary = "80010001 00000001 61 00000001 0d0001 0b0c 00000001 00000001 61 080001 00000007 00" +
      "0f0002 02 00000002 01 00 0e0003 0a 00000001 0000000000000001 040014 3ff8000000000000 00";
    const compact = "82 21 01 01 61 1b 01 8c 01 61 15 0e 00 19 21 01 02 1a 16 02 07 28 000000000000f83f 00";
    for (const hex of [binary, compact]) assertEquals(sniffAll(hex)[0]?.details.body, body);
  });

  it("gives the same however the bytes are cut", () => {
    const hex = Object.values(FRAMES).join("") + FRAMES.ttheader!;
    const whole = sniffAll(hex);
    assertEquals(whole.length, 8);
    for (const chunk of [1, 3, 7, 64]) assertEquals(sniffAll(hex, {}, chunk), whole);
    let offset = 0;
    for (const item of whole) {
      assertEquals(item.offset, offset);
      offset += item.bytes;
    }
  });

  it("says for every truncation that the bytes end within a frame, or shows them", () => {
    for (const hex of Object.values(FRAMES)) {
      const bytes = parseHex(hex);
      for (let end = 1; end < bytes.length; end++) {
        const cut = Array.from(bytes.subarray(0, end), (byte) => byte.toString(16).padStart(2, "0")).join("");
        const items = sniffAll(cut);
        assertEquals(items.length, 1, cut);
        assert(items[0]!.error?.includes("end within a frame") || items[0]!.protocol === "unknown", cut);
      }
    }
    assertEquals(
      sniffAll("0000002e80010003")[0]?.error,
      "the bytes end within a frame: 42 of its 50 bytes are missing",
    );
  });

  it("names fields by the IDL, and says where a message does not fit it", async () => {
    const messages = new MessageReader((await schemasOf(IDL)).services);
    const call = sniffAll(FRAMES.ttheader!, { messages })[0]?.details.message as { body: unknown };
    assertEquals(call.body, { r: { n: 7 } });
    const [odd] = sniffAll(FRAMES["thrift buffered"]!, { messages });
    assertEquals(odd?.error, "does not fit the IDL: field add_args.r came as i32, where struct is declared");
    assertEquals(odd?.details.body, { "1 i32": 300 });
  });

  it("reads frames of streams, with the types of the side they come from", async () => {
    const messages = new MessageReader((await schemasOf(IDL)).services);
    const frame = (type: string, payload: string): string => {
      const w = new WriteBuffer();
      const ints = new Map([[27, type], [9, "bidi"]]);
      encodeFrame(w, {
        flags: 2,
        seqid: 5,
        protocolId: 16,
        ints,
        payload: parseHex(payload || "00").subarray(payload ? 0 : 1),
      });
      return Array.from(w.written(), (byte) => byte.toString(16).padStart(2, "0")).join("");
    };
    const exception = "80010003 00000004 62696469 00000005 0b0001 00000001 78 080002 00000006 00";
    const hex = frame("2", "") + frame("3", "080001 00000007 00") + frame("4", exception);
    for (const from of ["client", "server"] as Direction[]) {
      const items = sniffAll(hex, { messages, from });
      const summaries = ["Header stream 5 bidi", "Data stream 5 bidi", "Trailer stream 5 bidi: EXCEPTION bidi seq 5"];
      assertEquals(items.map(({ summary }) => summary), summaries);
      assertEquals(items[1]?.details.body, { n: 7 });
    }
  });

  it("reads HTTP/2 frames and their headers", () => {
    const block = "828684418cf1e3c2e5f23a6ba0ab90f4ff"; // RFC 7541 C.4.1
    const hex = "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a" + "000006 04 00 00000000 0003 00000064" +
      `000008 01 01 00000001 ${block.slice(0, 16)} 000009 09 04 00000001 ${block.slice(16)}` +
      "000004 03 00 00000001 00000008 000003 00 01 00000003 616263";
    const items = sniffAll(hex, {}, 5);
    assertEquals(items.map(({ summary }) => summary), [
      "connection preface",
      "SETTINGS",
      "HEADERS stream 1 END_STREAM",
      "CONTINUATION stream 1 END_HEADERS",
      "RST_STREAM stream 1",
      "DATA stream 3 END_STREAM",
    ]);
    assertEquals(items[1]?.details.MAX_CONCURRENT_STREAMS, 100);
    const headers = [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"];
    assertEquals(items[3]?.details.headers, headers);
    assertEquals(items[4]?.details.code, "CANCEL");
    const [settings] = sniffAll("000000 04 00 00000000", { from: "server" });
    assertEquals([settings?.protocol, settings?.summary], ["http2", "SETTINGS"]);
    const [spoiled, next] = sniffAll(`000000 04 00 00000000 000001 01 04 00000001 ff`, { from: "server" }).slice(1);
    assert(spoiled?.error?.endsWith("headers are not decoded any more"));
    assertEquals(next, undefined);
  });

  it("passes over frames that are too large, and goes on behind them", () => {
    const large = "00000064 80010001" + "00".repeat(96);
    for (const chunk of [1, 50, Infinity]) {
      const items = sniffAll(large + FRAMES["thrift framed"], { maxBytes: 80 }, chunk);
      assertEquals(items.map(({ protocol, offset }) => [protocol, offset]), [["too large", 0], ["thrift framed", 104]]);
      assertEquals(items[0]?.error, "frame of 104 bytes exceeds 80: passed over");
    }
    const endless = sniffAll("80010001 00000001 61 00000001 0b0001 00000fff" + "61".repeat(200), { maxBytes: 100 }, 20);
    assert(endless.every(({ bytes }) => bytes <= 220));
    assertEquals(endless.at(-1)?.protocol, "unknown");
  });

  it("shows what it does not know, and what breaks its rules", () => {
    const [unknown] = sniffAll("0102030405060708090a");
    assertEquals([unknown?.protocol, unknown?.dump?.length, unknown?.error], ["unknown", 10, undefined]);
    const [broken] = sniffAll("0000000e 1000 0000 00000001 0000 00 00 0000");
    assertEquals(broken?.error, "header size 0: it holds at least a protocol id: what follows cannot be read");
    const [info] = sniffAll("00000012 1000 0000 00000001 0002 0000 77 0003 746f6b");
    assertEquals(info?.error, "info block type 0x77 at byte 0 of the header");
  });

  it("takes any bytes", () => {
    let seed = 12345;
    const random = (): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32;
    const frames = Object.values(FRAMES).map(parseHex);
    for (let round = 0; round < 2000; round++) {
      const bytes = frames[round % frames.length]!.slice();
      for (let i = 0; i < 1 + round % 4; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      const sniffer = new Sniffer({ from: "client", messages: new MessageReader([]), maxBytes: 1000 });
      const cut = Math.floor(random() * bytes.length);
      const items = [...sniffer.feed(bytes.subarray(0, cut)), ...sniffer.feed(bytes.subarray(cut)), ...sniffer.end()];
      assert(items.length > 0);
    }
  });
});
