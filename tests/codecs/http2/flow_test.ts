/**
 * Flow control of a whole connection, in both directions.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { HeaderList } from "../../../codecs/http2/header_list.ts";
import { Flag, FrameType } from "../../../codecs/http2/frame.ts";
import { hex } from "./hex.ts";
import { client, GET, OK, Peer, POST, Script, server } from "./peer.ts";

const BIG = new Uint8Array(200_000);
const TRAILERS = HeaderList.of({ "grpc-status": "0" });
const BDP_ACK = new Script().frame(FrameType.PING, Flag.ACK, 0, hex("02041010090e0707"));

function begin(peer: Peer, ...ids: number[]): void {
  const script = new Script();
  for (const id of ids) script.headers(id, GET);
  peer.feed(script);
}

/** How many octets of each stream went, in order of the frames. */
function sent(lines: string[]): string {
  return lines.filter((line) => line.startsWith("DATA")).map((line) => line.split(" ").slice(1, 3).join(":")).join(" ");
}

describe("flow control of what is sent", () => {
  it("stops at the stream's window and goes on with it", () => {
    const peer = server({}, [4, 1000]);
    begin(peer, 1);
    const stream = peer.streams.get(1)!;
    peer.http2.data(stream, BIG, 0, 2500, true);
    assertEquals(sent(peer.take()), "1:1000");
    assertEquals(sent(peer.feed(new Script().update(1, 1))), "1:1");
    assertEquals(peer.feed(new Script().update(1, 5000)), ["DATA 1 1499 END"]);
  });

  it("stops at the connection's window, whatever the stream's is", () => {
    const peer = server({}, [4, 1_000_000]);
    begin(peer, 1);
    peer.http2.data(peer.streams.get(1)!, BIG, 0, 70_000, false);
    assertEquals(sent(peer.take()), "1:16384 1:16384 1:16384 1:16383");
    assertEquals(sent(peer.feed(new Script().update(1, 100_000))), "");
    assertEquals(sent(peer.feed(new Script().update(0, 100_000))), "1:4465");
  });

  it("lets a setting make windows negative, and waits until they are not", () => {
    const peer = server({}, [4, 1000]);
    begin(peer, 1);
    peer.http2.data(peer.streams.get(1)!, BIG, 0, 3000, true);
    assertEquals(sent(peer.take()), "1:1000");
    assertEquals(sent(peer.feed(new Script().settings([4, 200]))), "");
    assertEquals(peer.streams.get(1)!.sendWindow, -800);
    assertEquals(sent(peer.feed(new Script().update(1, 800))), "");
    assertEquals(sent(peer.feed(new Script().update(1, 1))), "1:1");
    assertEquals(sent(peer.feed(new Script().settings([4, 10_000]))), "1:1999");
  });

  it("needs no window for empty ends and trailers", () => {
    const peer = server({}, [4, 0]);
    begin(peer, 1, 3);
    peer.http2.end(peer.streams.get(1)!);
    peer.http2.trailers(peer.streams.get(3)!, TRAILERS);
    assertEquals(peer.take(), ["DATA 1 0 END", "HEADERS 3 grpc-status=0 END"]);
  });

  it("sends trailers after all content, in their turn", () => {
    const peer = server({}, [4, 10]);
    begin(peer, 1);
    peer.http2.data(peer.streams.get(1)!, BIG, 0, 25, false);
    peer.http2.trailers(peer.streams.get(1)!, TRAILERS, HeaderList.of({ a: "b" }));
    assertEquals(peer.take(), ["DATA 1 10"]);
    assertEquals(peer.feed(new Script().update(1, 14)), ["DATA 1 14"]);
    assertEquals(peer.feed(new Script().update(1, 1)), ["DATA 1 1", "HEADERS 1 grpc-status=0 a=b END"]);
    assertEquals(peer.http2.openStreams, 0);
  });

  it("serves streams in turn, a frame each", () => {
    const peer = server({}, [4, 1_000_000]);
    begin(peer, 1, 3, 5);
    for (const id of [1, 3, 5]) peer.http2.data(peer.streams.get(id)!, BIG, 0, id === 5 ? 10 : 100_000, false);
    peer.take();
    assertEquals(
      sent(peer.feed(new Script().update(0, 120_000))),
      "1:16384 3:16384 5:10 1:16384 3:16384 1:1697 3:16384 3:16384 3:16384 3:3605",
    );
  });

  it("lets nobody wait behind a stream without window", () => {
    const peer = server({}, [4, 100]);
    begin(peer, 1, 3);
    peer.http2.data(peer.streams.get(1)!, BIG, 0, 1000, false);
    peer.http2.data(peer.streams.get(3)!, BIG, 0, 50, true);
    assertEquals(peer.take(), ["DATA 1 100", "DATA 3 50 END"]);
  });

  it("says to wait, and when to go on", () => {
    const peer = server({ streamBufferBytes: 1000 }, [4, 100]);
    begin(peer, 1);
    const stream = peer.streams.get(1)!;
    assertEquals(peer.http2.data(stream, BIG, 0, 100, false), true);
    assertEquals(peer.http2.data(stream, BIG, 0, 999, false), true);
    assertEquals(peer.http2.data(stream, BIG, 0, 1, false), false);
    peer.takeEvents();
    peer.feed(new Script().update(1, 499));
    assertEquals(peer.takeEvents(), []);
    peer.feed(new Script().update(1, 1));
    assertEquals(peer.takeEvents(), ["writable 1"]);
  });

  it("leaves data with its stream while the output is full", () => {
    const peer = server({ outputHighWaterBytes: 50_000 }, [4, 1_000_000]);
    peer.feed(new Script().update(0, 1_000_000));
    begin(peer, 1);
    peer.blockedBytes = 50_001;
    assertEquals(peer.http2.data(peer.streams.get(1)!, BIG, 0, 100_000, true), false);
    assertEquals(peer.take(), []);
    peer.blockedBytes = 0;
    peer.http2.drain();
    assertEquals(sent(peer.take()), "1:16384 1:16384 1:16384 1:16384");
    peer.http2.drain();
    assertEquals(sent(peer.take()), "1:16384 1:16384 1:1696");
    assertEquals(peer.takeEvents().at(-1), "writable 1");
  });

  it("leaves messages with their stream while the output is full", () => {
    const peer = server({ outputHighWaterBytes: 50_000 }, [4, 1_000_000]);
    peer.feed(new Script().update(0, 1_000_000));
    begin(peer, 1);
    const stream = peer.streams.get(1)!;
    peer.blockedBytes = 50_001;
    const roomy = Array.from({ length: 5 }, () => {
      const w = peer.http2.beginData(stream);
      w.reserve(16_000);
      w.pos += 16_000;
      return peer.http2.endData(stream, false);
    });
    assertEquals([roomy, peer.take()], [[true, true, true, true, false], []]);
    peer.blockedBytes = 0;
    // Nobody said that there is room: the next look at the time finds out.
    peer.http2.tick();
    assertEquals(sent(peer.take()), "1:16384 1:16384 1:16384 1:16384");
  });

  it("forgets the data of streams that are reset", () => {
    const peer = server({}, [4, 1_000_000]);
    begin(peer, 1, 3);
    for (const id of [1, 3]) peer.http2.data(peer.streams.get(id)!, BIG, 0, 100_000, true);
    peer.take();
    assertEquals(sent(peer.feed(new Script().reset(1).update(0, 16_384))), "3:16384");
    assertEquals(peer.streams.get(1)!.pending.bytes.length, 0);
  });

  it("obeys the peer's maximal frame", () => {
    const peer = server({}, [5, 20_000]);
    begin(peer, 1);
    const value = "x".repeat(50_000);
    peer.http2.headers(peer.streams.get(1)!, HeaderList.of({ ":status": "200", value }), false);
    peer.http2.data(peer.streams.get(1)!, BIG, 0, 30_000, true);
    assertEquals(peer.take().map((line) => line.slice(0, 40)), [
      "HEADERS 1 20000...",
      "CONTINUATION 1 20000...",
      "CONTINUATION 1 3761",
      "DATA 1 20000",
      "DATA 1 10000 END",
    ]);
  });
});

describe("flow control of what is received", () => {
  it("gives back in large steps, and nothing for streams that are at their end", () => {
    const peer = server({ connectionWindowBytes: 65_535, maxWindowBytes: 0 });
    const one = peer.feed(new Script().headers(1, POST, 0).data(1, 16_000).data(1, 16_000));
    assertEquals(one, []);
    assertEquals(peer.feed(new Script().data(1, 1000)), ["UPDATE 0 33000", "UPDATE 1 33000"]);
    assertEquals(peer.feed(new Script().data(1, 16_000).data(1, 16_000).data(1, 1000, true)), ["UPDATE 0 33000"]);
  });

  it("costs small calls no WINDOW_UPDATE of their streams", () => {
    const peer = server();
    const out: string[] = [];
    for (let i = 0; i < 1000; i++) {
      out.push(...peer.feed(new Script().headers(2 * i + 1, POST, 0).data(2 * i + 1, 100, true)));
      peer.http2.headers(peer.streams.get(2 * i + 1)!, OK, true);
    }
    assertEquals(out.filter((line) => line.startsWith("UPDATE")), []);
  });

  it("ends a stream or connection that is sent more than allowed", () => {
    const stream = server({ windowBytes: 100 });
    stream.consumes = false;
    assertEquals(stream.feed(new Script().headers(1, POST, 0).data(1, 101)), ["RST 1 FLOW_CONTROL_ERROR"]);
    const whole = server({ windowBytes: 1_000_000, connectionWindowBytes: 65_535 });
    whole.consumes = false;
    const script = new Script().headers(1, POST, 0);
    for (let i = 0; i < 4; i++) script.data(1, 16_384);
    assertEquals(whole.feed(script).at(-1), "GOAWAY 1 FLOW_CONTROL_ERROR");
  });

  it("counts padding, and gives it back", () => {
    const peer = server({ windowBytes: 1000, connectionWindowBytes: 65_535, maxWindowBytes: 0 });
    const padded = new Uint8Array(256);
    padded[0] = 255;
    const out: string[] = [];
    for (let i = 0; i < 4; i++) {
      const script = i === 0 ? new Script().headers(1, POST, 0) : new Script();
      out.push(...peer.feed(script.frame(FrameType.DATA, Flag.PADDED, 1, padded)));
    }
    assertEquals(out, ["UPDATE 1 512", "UPDATE 1 512"]);
  });

  it("holds the peer to a smaller window only once it knows of it", () => {
    const peer = new Peer("server", { windowBytes: 100, maxWindowBytes: 0 });
    peer.take();
    assertEquals(peer.feed(new Script().preface().headers(1, POST, 0).data(1, 16_000)), ["SETTINGS ACK"]);
    // From its view the window is below zero by now: it must hear of what was consumed.
    assertEquals(peer.feed(new Script().ack()), ["UPDATE 1 16000"]);
    assertEquals(peer.feed(new Script().data(1, 100)), ["UPDATE 1 100"]);
    assertEquals(peer.feed(new Script().data(1, 101)), ["RST 1 FLOW_CONTROL_ERROR"]);
  });

  it("bears content of a stream that ended long ago, which its sender may not know", () => {
    const peer = server({ connectionWindowBytes: 65_535, maxWindowBytes: 0 });
    for (let id = 1; id < 2050; id += 2) {
      peer.feed(new Script().headers(id, POST, 0));
      peer.http2.headers(peer.streams.get(id)!, OK, true);
      peer.http2.reset(peer.streams.get(id)!, 0);
    }
    peer.take();
    assertEquals(peer.feed(new Script().data(1, 16_384).data(3, 16_384, true)), ["UPDATE 0 32768"]);
    assertEquals(peer.failed, undefined);
  });

  it("gives a connection's window back for streams that were reset with content unread", () => {
    const peer = server({ connectionWindowBytes: 65_535, maxWindowBytes: 0 });
    peer.consumes = false;
    peer.feed(new Script().headers(1, POST, 0).data(1, 16_384).data(1, 16_384));
    assertEquals(peer.feed(new Script().reset(1)), ["UPDATE 0 32768"]);
    peer.http2.consumed(peer.streams.get(1)!, 32_768);
    assertEquals(peer.take(), []);
  });
});

describe("window growth", () => {
  /** Feeds as much as the windows allow, with a round trip of so many ms. */
  function round(peer: Peer, count: number, ms: number): string[] {
    const script = new Script();
    for (; count > 0; count -= 16_000) script.data(1, Math.min(count, 16_000));
    const out = peer.feed(script);
    peer.nowMs += ms;
    out.push(...peer.feed(BDP_ACK));
    return out;
  }

  it("follows what arrives in a round trip, up to its limit", () => {
    const peer = server({ maxWindowBytes: 500_000 });
    peer.feed(new Script().headers(1, POST, 0));
    const out: string[] = [];
    for (let i = 0; i < 12; i++) {
      out.push(...round(peer, Math.min(peer.streams.get(1)!.window.left, 400_000), 10));
      peer.feed(new Script().ack());
    }
    assert(out.includes("PING 02041010090e0707"));
    const settings = out.filter((line) => line.startsWith("SETTINGS "));
    assert(settings.length >= 2, out.join("\n"));
    assertEquals(settings.at(-1), "SETTINGS 00040007a120"); // 500,000
    assertEquals(peer.streams.get(1)!.window.limit, 500_000);
    assertEquals(peer.failed, undefined);
  });

  it("costs small calls no PING", () => {
    const peer = client();
    const out: string[] = [];
    const request = HeaderList.of({ ":method": "GET", ":scheme": "http", ":path": "/" });
    for (let i = 0; i < 100; i++) {
      const { id } = peer.http2.open(request, true);
      peer.take();
      out.push(...peer.feed(new Script().headers(id, [":status", "200"], 0).data(id, 100, true)));
    }
    assertEquals(out, []);
  });
});
