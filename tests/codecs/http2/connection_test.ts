import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { HeaderList } from "../../../codecs/http2/header_list.ts";
import { RpcError } from "../../../lib/errors.ts";
import { Flag, FrameType } from "../../../codecs/http2/frame.ts";
import { hex, toHex } from "./hex.ts";
import { client, GET, OK, Peer, POST, Script, server } from "./peer.ts";

const TRAILERS = HeaderList.of({ "grpc-status": "0" });
const TEXT = new TextEncoder().encode("hello");

describe("Http2Connection as a server", () => {
  it("begins with SETTINGS and a wider window, and acknowledges the client's", () => {
    const peer = new Peer("server");
    assertEquals(peer.take(), ["SETTINGS 000300000064000600004000", "UPDATE 0 983041"]);
    assertEquals(peer.feed(new Script().preface()), ["SETTINGS ACK"]);
  });

  it("tells the client of the smallest table it allowed, also within one SETTINGS", () => {
    const peer = server();
    peer.feed(new Script().settings([1, 0], [1, 4096]).headers(1, GET));
    peer.http2.headers(peer.streams.get(1)!, OK, true);
    // A frame of 5 octets: the sizes 0 and 4096, then :status 200.
    assertEquals(toHex(peer.takeBytes()), "000005010500000001203fe11f88");
  });

  it("tells of a request, its content and its end", () => {
    const peer = server();
    peer.feed(new Script().headers(1, POST, 0).data(1, "abc").data(1, "de", true).headers(3, GET));
    assertEquals(peer.takeEvents(), [
      "headers 1 :method=POST :scheme=http :path=/p",
      "data 1 3",
      "data 1 2 END",
      "headers 3 :method=GET :scheme=http :path=/ END",
    ]);
    assertEquals([peer.received.get(1), peer.streams.get(1)!.state], ["abcde", "half-closed (remote)"]);
  });

  it("answers with headers, content and trailers in one go", () => {
    const peer = server();
    peer.on.headers = (stream) => {
      peer.http2.headers(stream, OK, false);
      peer.http2.data(stream, TEXT, 0, 5, false);
      peer.http2.trailers(stream, TRAILERS);
    };
    const out = peer.feed(new Script().headers(1, GET).headers(3, GET));
    const one = (id: number) => [`HEADERS ${id} :status=200`, `DATA ${id} 5`, `HEADERS ${id} grpc-status=0 END`];
    assertEquals(out, [...one(1), ...one(3)]);
    assertEquals([peer.http2.openStreams, peer.streams.get(1)!.state], [0, "closed"]);
  });

  it("takes trailers, interim answers of its own, and padding", () => {
    const peer = server();
    peer.on.headers = (stream) => peer.http2.headers(stream, HeaderList.of({ ":status": "103", link: "x" }), false);
    const out = peer.feed(
      new Script().headers(1, POST, 0).frame(FrameType.DATA, Flag.PADDED, 1, hex("0361620000 00")).headers(1, [
        "a",
        "b",
      ]),
    );
    assertEquals(out, ["HEADERS 1 :status=103 link=x"]);
    assertEquals(peer.takeEvents().slice(1), ["data 1 2", "trailers 1 a=b"]);
  });

  it("collects a header block from CONTINUATION frames", () => {
    const peer = server();
    const script = new Script().frame(FrameType.HEADERS, Flag.END_STREAM, 1, hex("8286"));
    peer.feed(script.frame(FrameType.CONTINUATION, 0, 1, hex("")).frame(FrameType.CONTINUATION, 4, 1, hex("84")));
    assertEquals(peer.takeEvents(), ["headers 1 :method=GET :scheme=http :path=/ END"]);
  });

  it("handles every cut of the input alike", () => {
    const script = new Script().preface([4, 70000]).ack().headers(1, POST, 0).data(1, "abc").update(1, 5)
      .headers(1, ["x", "y"]).headers(3, GET).reset(3);
    const bytes = script.w.written().slice();
    const whole = new Peer("server");
    whole.push(bytes);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const peer = new Peer("server");
      peer.push(bytes.slice(0, cut));
      peer.push(bytes.slice(cut));
      assertEquals(peer.events, whole.events);
    }
    const bytewise = new Peer("server");
    for (const byte of bytes) bytewise.push(Uint8Array.of(byte));
    assertEquals(bytewise.events, whole.events);
    assertEquals(toHex(bytewise.takeBytes()), toHex(whole.takeBytes()));
  });

  it("joins small content of a turn into one frame, with the end of the stream", () => {
    const peer = server();
    peer.feed(new Script().headers(1, GET).headers(3, GET));
    const [a, b] = [peer.streams.get(1)!, peer.streams.get(3)!];
    peer.http2.headers(a, OK, false);
    for (let i = 0; i < 10; i++) peer.http2.data(a, TEXT, 0, 5, false);
    peer.http2.end(a);
    peer.http2.headers(b, OK, false);
    peer.http2.data(b, TEXT, 0, 5, false);
    assertEquals(peer.take(), ["HEADERS 1 :status=200", "DATA 1 50 END", "HEADERS 3 :status=200", "DATA 3 5"]);
    peer.http2.data(b, TEXT, 0, 5, false);
    peer.http2.data(b, TEXT, 0, 5, false);
    assertEquals(peer.take(), ["DATA 3 10"]);
  });

  it("does not lengthen a frame that another buffer's place only seems to end", () => {
    const peer = server();
    peer.feed(new Script().headers(1, GET).headers(3, GET));
    peer.http2.data(peer.streams.get(1)!, TEXT, 0, 5, false);
    peer.take();
    // As many octets as the DATA frame had: 14.
    peer.http2.headers(peer.streams.get(3)!, HeaderList.of({ "a": "b" }), false);
    peer.http2.data(peer.streams.get(1)!, TEXT, 0, 5, false);
    assertEquals(peer.take(), ["HEADERS 3 a=b", "DATA 1 5"]);
  });

  it("lets content be written in place", () => {
    const peer = server();
    peer.feed(new Script().headers(1, GET));
    const stream = peer.streams.get(1)!;
    for (const length of [0, 5, 7]) {
      const w = peer.http2.beginData(stream);
      w.reserve(length);
      w.pos += length;
      assert(peer.http2.endData(stream, false));
    }
    peer.http2.beginData(stream).pos += 3;
    peer.http2.dropData();
    assertEquals(peer.take(), ["DATA 1 12"]);
    const w = peer.http2.beginData(stream);
    w.reserve(70000);
    w.pos += 70000;
    peer.http2.endData(stream, true);
    assertEquals(peer.take(), ["DATA 1 16384", "DATA 1 16384", "DATA 1 16384", "DATA 1 16371"]);
    assertEquals(peer.feed(new Script().update(1, 70000).update(0, 70000)), ["DATA 1 4477 END"]);
  });

  it("refuses to send after the end, and drops what is sent on a closed stream", () => {
    const peer = server();
    peer.feed(new Script().headers(1, POST, 0).headers(3, GET));
    const [open, gone] = [peer.streams.get(1)!, peer.streams.get(3)!];
    peer.http2.headers(open, OK, true);
    assertThrows(() => peer.http2.data(open, TEXT, 0, 5, false), RpcError, "ended already");
    assertThrows(() => peer.http2.trailers(open, TRAILERS), RpcError, "ended already");
    peer.feed(new Script().reset(3));
    assertEquals(peer.http2.data(gone, TEXT, 0, 5, true), true);
    peer.http2.trailers(gone, TRAILERS);
    peer.http2.reset(gone, 8);
    assertEquals(peer.take(), []);
  });

  it("passes resets on, both ways", () => {
    const peer = server();
    peer.feed(new Script().headers(1, POST, 0).headers(3, POST, 0).reset(1, 8));
    peer.http2.reset(peer.streams.get(3)!, 0);
    assertEquals(peer.take(), ["RST 3 NO_ERROR"]);
    assertEquals(peer.takeEvents().slice(2), ["reset 1 CANCEL remote"]);
    // What the client sent before it knew.
    assertEquals(peer.feed(new Script().data(3, "abc").headers(3, ["a", "b"]).update(3, 9)), []);
  });

  it("counts a stream as succeeded once it has ended it, whatever the client does", () => {
    const peer = server();
    const counts = (): number[] => {
      const { streams, succeeded, failed } = peer.http2.stats;
      return [streams, succeeded, failed];
    };
    peer.feed(new Script().headers(1, POST, 0).headers(3, POST, 0).headers(5, GET).headers(7, POST, 0));
    assertEquals(counts(), [4, 0, 0]);
    peer.http2.headers(peer.streams.get(5)!, OK, true);
    peer.http2.headers(peer.streams.get(1)!, OK, true);
    peer.feed(new Script().reset(1));
    assertEquals(counts(), [4, 2, 0]);
    peer.feed(new Script().reset(3));
    assertEquals(counts(), [4, 2, 1]);
    peer.http2.lost();
    assertEquals(counts(), [4, 2, 2]);
  });

  it("says what may be sent now, both ways", () => {
    const peer = server();
    peer.feed(new Script().headers(1, POST, 0).data(1, "abc"));
    peer.http2.headers(peer.streams.get(1)!, OK, false);
    peer.http2.data(peer.streams.get(1)!, TEXT, 0, 5, false);
    const { sendWindow, receiveWindow, goaway } = peer.http2.stats;
    assertEquals([sendWindow, receiveWindow, goaway], [65535 - 5, 1024 * 1024 - 3, undefined]);
  });

  it("keeps the place of a closed stream while its handler runs", () => {
    const peer = server({ maxConcurrentStreams: 1 });
    peer.on.headers = (stream) => void (stream.busy = true);
    assertEquals(peer.feed(new Script().headers(1, GET).reset(1).headers(3, GET)), ["RST 3 REFUSED_STREAM"]);
    peer.http2.release(peer.streams.get(1)!);
    assertEquals(peer.feed(new Script().headers(5, GET)), []);
    assertEquals(peer.streams.has(5), true);
  });

  it("answers an oversized request with 431, or lets its user", () => {
    const fields = [...GET, "x", "y".repeat(200)];
    const peer = server({ maxHeaderListBytes: 200 });
    assertEquals(peer.feed(new Script().headers(1, fields, 0).headers(3, GET)), [
      "HEADERS 1 :status=431 END",
      "RST 1 NO_ERROR",
    ]);
    assertEquals(peer.takeEvents(), ["headers 3 :method=GET :scheme=http :path=/ END"]);
    const other = server({ maxHeaderListBytes: 200 });
    other.on.oversized = (stream) => other.http2.headers(stream, OK, true);
    assertEquals(other.feed(new Script().headers(1, fields)), ["HEADERS 1 :status=200 END"]);
  });

  it("shuts down in two steps, and finishes what began", () => {
    const peer = server();
    peer.feed(new Script().headers(1, GET));
    peer.http2.shutdown();
    peer.http2.shutdown();
    assertEquals(peer.take(), ["GOAWAY 2147483647 NO_ERROR", "PING 0106010800030309"]);
    peer.feed(new Script().headers(3, GET));
    assertEquals(peer.feed(new Script().frame(FrameType.PING, Flag.ACK, 0, hex("0106010800030309"))), [
      "GOAWAY 3 NO_ERROR",
    ]);
    assertEquals(peer.feed(new Script().headers(5, POST, 0).data(5, "x", true)), []);
    for (const id of [1, 3]) peer.http2.headers(peer.streams.get(id)!, OK, true);
    assertEquals(peer.takeEvents().at(-1), "drained");
    assertEquals(peer.streams.has(5), false);
  });

  it("does not wait for ever for the answer to its shutdown PING", () => {
    const peer = server();
    peer.http2.shutdown();
    peer.take();
    assertEquals(peer.http2.nextTickMs(), 5000);
    peer.nowMs = 4999;
    peer.http2.tick();
    assertEquals(peer.take(), []);
    peer.nowMs = 5000;
    peer.http2.tick();
    assertEquals([peer.take(), peer.takeEvents()], [["GOAWAY 0 NO_ERROR"], ["drained"]]);
  });

  it("ends all streams with the connection, once", () => {
    const peer = server();
    peer.feed(new Script().headers(1, POST, 0).headers(3, POST, 0));
    peer.takeEvents();
    peer.http2.close(2, "gone");
    peer.http2.close();
    peer.http2.lost();
    assertEquals(peer.take(), ["GOAWAY 3 INTERNAL_ERROR"]);
    assertEquals(peer.takeEvents(), ["reset 1 INTERNAL_ERROR", "reset 3 INTERNAL_ERROR", "closed "]);
    assertEquals(peer.feed(new Script().headers(5, GET)), []);
  });

  it("tells of lost streams when what is under it goes", () => {
    const peer = server();
    peer.feed(new Script().headers(1, POST, 0));
    peer.takeEvents();
    peer.http2.lost();
    assertEquals([peer.take(), peer.takeEvents()], [[], ["reset 1 INTERNAL_ERROR"]]);
  });
});

describe("Http2Connection as a client", () => {
  const request = HeaderList.of({ ":method": "POST", ":scheme": "http", ":path": "/p", ":authority": "a" });

  it("begins with the preface and SETTINGS, and may send requests at once", () => {
    const peer = new Peer("client");
    peer.http2.open(request, true, HeaderList.of({ "x-more": "1" }));
    const bytes = peer.takeBytes();
    assertEquals(new TextDecoder().decode(bytes.subarray(0, 24)), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    const again = new Peer("server");
    again.push(bytes);
    assertEquals(again.takeEvents(), ["headers 1 :method=POST :scheme=http :path=/p :authority=a x-more=1 END"]);
  });

  it("tells of interim and final answers, content and trailers", () => {
    const peer = client();
    const stream = peer.http2.open(request, true);
    const script = new Script().headers(1, [":status", "103", "a", "b"], 0).headers(1, [":status", "200"], 0);
    peer.feed(script.data(1, "hello").headers(1, ["grpc-status", "0"]));
    assertEquals(peer.takeEvents(), [
      "informational 1 :status=103 a=b",
      "headers 1 :status=200",
      "data 1 5",
      "trailers 1 grpc-status=0",
    ]);
    assertEquals(stream.state, "closed");
  });

  it("minds the server's limit of streams, and tells when there is room", () => {
    const peer = client({}, [3, 1]);
    const first = peer.http2.open(request, true);
    assertEquals(peer.http2.canOpen, false);
    assertThrows(() => peer.http2.open(request, true), RpcError, "takes no more streams");
    peer.feed(new Script().headers(1, [":status", "204"]));
    assertEquals([first.state, peer.takeEvents().at(-1), peer.http2.canOpen], ["closed", "available", true]);
    assertEquals(peer.http2.open(request, true).id, 3);
  });

  it("says which streams a GOAWAY or REFUSED_STREAM left alone", () => {
    const peer = client();
    for (let i = 0; i < 4; i++) peer.http2.open(request, true);
    peer.feed(new Script().reset(3, 7).frame(FrameType.GOAWAY, 0, 0, hex("00000005 00000000 6279 65")));
    assertEquals(peer.takeEvents(), [
      "reset 3 REFUSED_STREAM remote unprocessed",
      "goaway 5 NO_ERROR bye",
      "reset 7 REFUSED_STREAM remote unprocessed",
    ]);
    assertEquals([peer.http2.canOpen, peer.http2.exhausted, peer.http2.openStreams], [false, true, 2]);
    const { streams, succeeded, failed, goaway } = peer.http2.stats;
    assertEquals([streams, succeeded, failed, goaway], [4, 0, 2, 0]);
    assertEquals(peer.feed(new Script().frame(FrameType.GOAWAY, 0, 0, hex("0000000100000000"))), []);
    assertEquals(peer.takeEvents().at(-1), "reset 5 REFUSED_STREAM remote unprocessed");
  });

  it("goes away at once when it shuts down, and is drained with its last stream", () => {
    const peer = client();
    peer.http2.open(request, true);
    peer.take();
    peer.http2.shutdown();
    assertEquals([peer.take(), peer.http2.canOpen], [["GOAWAY 0 NO_ERROR"], false]);
    peer.feed(new Script().headers(1, [":status", "200"]));
    assertEquals(peer.takeEvents().at(-1), "drained");
    assertEquals(peer.http2.stats.succeeded, 1);
  });

  it("pings and hears of the answer", () => {
    const peer = client();
    peer.http2.ping(hex("0102030405060708"));
    assertEquals(peer.take(), ["PING 0102030405060708"]);
    peer.feed(new Script().frame(FrameType.PING, Flag.ACK, 0, hex("0102030405060708")));
    assertEquals(peer.takeEvents(), ["pong 0102030405060708"]);
  });

  it("talks to the server side of the same code", () => {
    const there = new Peer("server");
    const here = new Peer("client");
    const move = (): void => {
      for (let i = 0; i < 4; i++) {
        there.push(here.takeBytes());
        here.push(there.takeBytes());
      }
    };
    there.on.data = (stream, bytes, start, end, ended) => {
      if (!stream.localEnded && stream.value === undefined) there.http2.headers(stream, OK, false);
      stream.value = true;
      there.http2.data(stream, bytes, start, end, false);
      if (ended) there.http2.trailers(stream, TRAILERS);
    };
    const large = new Uint8Array(300_000).fill(7);
    const got = new Map<number, number>();
    here.on.data = (stream, _, start, end) => void got.set(stream.id, (got.get(stream.id) ?? 0) + end - start);
    move();
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 3; i++) here.http2.data(here.http2.open(request, false), large, 0, 1 << (round % 19), true);
      move();
    }
    for (let i = 0; i < 30; i++) move();
    assertEquals([here.http2.openStreams, there.http2.openStreams, here.failed, there.failed], [
      0,
      0,
      undefined,
      undefined,
    ]);
    for (const [id, count] of got) assertEquals(count, 1 << (Math.floor((id - 1) / 6) % 19));
  });
});
