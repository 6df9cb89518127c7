/**
 * Peers that cost more than they should: each is cut off, with the right code, before it has cost much. What decent peers
 * do a lot of passes.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ByteQueue } from "../../../lib/io/byte_queue.ts";
import { HeaderList } from "../../../codecs/http2/header_list.ts";
import { Flag, FrameType } from "../../../codecs/http2/frame.ts";
import { hex } from "./hex.ts";
import { block, client, GET, OK, Peer, POST, Script, server } from "./peer.ts";

const CALM = "ENHANCE_YOUR_CALM";

/** Feeds rounds of `step` until the connection ends; gives after how many. */
function roundsUntilEnd(peer: Peer, most: number, step: (script: Script, i: number) => void): number {
  for (let i = 0; i < most; i++) {
    const script = new Script();
    step(script, i);
    peer.feed(script);
    if (peer.events.at(-1)?.startsWith("closed")) return i + 1;
    peer.events.length = 0;
  }
  return Infinity;
}

describe("a peer is cut off that", () => {
  it("resets streams as fast as it opens them", () => {
    const peer = server();
    const rounds = roundsUntilEnd(peer, 5000, (script, i) => script.headers(2 * i + 1, GET).reset(2 * i + 1));
    assertEquals([rounds, peer.failed?.code], [1001, 11]);
    assertEquals(peer.http2.openStreams, 0);
  });

  it("makes this side reset its streams", () => {
    const ways: ((script: Script, id: number) => void)[] = [
      (script, id) => script.headers(id, POST, 0).update(id, 0),
      (script, id) => script.headers(id, POST, 0).update(id, 2 ** 31 - 1),
      (script, id) => script.headers(id, POST, 0).headers(id, ["a", "b"], 0),
      (script, id) => script.headers(id, GET).data(id, "x"),
      (script, id) => script.headers(id, [...GET, "connection", "close"]),
      (script, id) => script.headers(id, POST, 0).frame(FrameType.PRIORITY, 0, id, 4),
    ];
    for (const way of ways) {
      const peer = server({ resetBurst: 100 });
      assertEquals(roundsUntilEnd(peer, 500, (script, i) => way(script, 2 * i + 1)), 101);
      assertEquals(peer.failed?.code, 11);
    }
  });

  it("opens streams above the limit again and again", () => {
    const peer = server({ maxConcurrentStreams: 1, resetBurst: 100 });
    peer.feed(new Script().headers(1, POST, 0));
    assertEquals(roundsUntilEnd(peer, 500, (script, i) => script.headers(2 * i + 3, GET)), 101);
  });

  it("does not end its header block", () => {
    for (const length of [0, 1, 100]) {
      const peer = server();
      const begun = new Script().frame(FrameType.HEADERS, Flag.END_STREAM, 1, block(GET));
      for (let i = 0; i < 9; i++) begun.frame(FrameType.CONTINUATION, 0, 1, length);
      assertEquals(peer.feed(begun), [`GOAWAY 0 ${CALM}`]);
    }
    const large = server({ maxFrameBytes: 40_000 });
    const begun = new Script().frame(FrameType.HEADERS, 0, 1, 40_000).frame(FrameType.CONTINUATION, 0, 1, 25_537);
    assertEquals(large.feed(begun), [`GOAWAY 0 ${CALM}`]);
    const slow = server();
    slow.feed(new Script().frame(FrameType.HEADERS, Flag.END_STREAM, 1, block(GET)));
    assertEquals(slow.http2.nextTickMs(), 10_000);
    slow.nowMs = 10_000;
    slow.http2.tick();
    assertEquals(slow.take(), [`GOAWAY 0 ${CALM}`]);
  });

  it("sends nothing, or never acknowledges SETTINGS", () => {
    const silent = new Peer("server");
    assertEquals(silent.http2.nextTickMs(), 10_000);
    silent.nowMs = 10_000;
    silent.http2.tick();
    assertEquals(silent.take().at(-1), "GOAWAY 0 SETTINGS_TIMEOUT");
    const deaf = new Peer("server");
    deaf.feed(new Script().preface());
    assertEquals(deaf.http2.nextTickMs(), 30_000);
    deaf.nowMs = 30_000;
    deaf.http2.tick();
    assertEquals(deaf.take(), ["GOAWAY 0 SETTINGS_TIMEOUT"]);
    assertEquals(deaf.http2.nextTickMs(), Infinity);
  });

  it("does not read the answers to its PINGs and SETTINGS", () => {
    for (const what of ["ping", "settings"]) {
      const peer = server();
      peer.blockedBytes = 1;
      const rounds = roundsUntilEnd(peer, 5000, (script) => {
        if (what === "ping") script.frame(FrameType.PING, 0, 0, 8);
        else script.settings([3, 5]);
      });
      // One went to the SETTINGS before.
      assertEquals([rounds, peer.failed?.code], [1000, 11]);
    }
  });

  it("floods with frames that move nothing", () => {
    const floods: ((script: Script) => void)[] = [
      (script) => script.frame(FrameType.PING, 0, 0, 8),
      (script) => script.frame(FrameType.PING, Flag.ACK, 0, 8),
      (script) => script.settings(),
      (script) => script.ack(),
      (script) => script.frame(FrameType.PRIORITY, 0, 7, 5),
      (script) => script.frame(0x55, 0, 0, 0),
      (script) => script.update(0, 1),
      (script) => script.update(1, 1),
      (script) => script.data(1, ""),
      (script) => script.frame(FrameType.DATA, Flag.PADDED, 1, hex("0200 00")),
      (script) => script.frame(FrameType.GOAWAY, 0, 0, 8),
    ];
    for (const flood of floods) {
      const peer = server({ idleFrameBurst: 200 });
      peer.feed(new Script().headers(1, POST, 0));
      const rounds = roundsUntilEnd(peer, 1000, (script) => flood(script));
      assert(rounds >= 195 && rounds <= 202, `${flood} after ${rounds}`);
      assertEquals(peer.failed?.code, 11);
    }
  });

  it("lets data wait for its window for ever", () => {
    const peer = server({ stallTimeoutMs: 1000 }, [4, 10]);
    peer.feed(new Script().headers(1, GET).headers(3, GET));
    peer.nowMs = 100;
    peer.http2.data(peer.streams.get(1)!, new Uint8Array(5000), 0, 5000, true);
    peer.take();
    assertEquals(peer.http2.nextTickMs(), 1100);
    // Dribbling does not count as moving.
    for (let i = 0; i < 10; i++) {
      peer.nowMs += 90;
      peer.feed(new Script().update(1, 1));
      peer.http2.tick();
    }
    peer.nowMs = 1100;
    peer.http2.tick();
    assertEquals([peer.take(), peer.takeEvents().at(-1)], [[`RST 1 ${CALM}`], `reset 1 ${CALM}`]);
    assertEquals(peer.http2.nextTickMs(), Infinity);
  });

  it("lets all data wait for the connection's window for ever", () => {
    const peer = server({ stallTimeoutMs: 1000 }, [4, 1_000_000]);
    peer.feed(new Script().headers(1, GET));
    peer.http2.data(peer.streams.get(1)!, new Uint8Array(70_000), 0, 70_000, true);
    peer.take();
    peer.nowMs = 1000;
    peer.http2.tick();
    assertEquals(peer.take(), [`GOAWAY 1 ${CALM}`]);
  });

  it("lets a stream wait for its own window, which costs the others nothing", () => {
    const peer = server({ stallTimeoutMs: 1000 }, [4, 10]);
    peer.feed(new Script().headers(1, GET).headers(3, GET));
    peer.http2.data(peer.streams.get(1)!, new Uint8Array(1000), 0, 1000, true);
    peer.nowMs = 999;
    // The connection's window is shut for a moment, by a stream that got all of it.
    peer.feed(new Script().update(3, 100_000));
    peer.http2.data(peer.streams.get(3)!, new Uint8Array(70_000), 0, 70_000, true);
    peer.take();
    peer.nowMs = 1000;
    peer.http2.tick();
    assertEquals(peer.take(), [`RST 1 ${CALM}`]);
  });

  it("answers a client with headers too large, or interim answers without end", () => {
    const request = HeaderList.of({ ":method": "GET", ":scheme": "http", ":path": "/" });
    const large = client({ maxHeaderListBytes: 100 });
    large.http2.open(request, true);
    large.take();
    assertEquals(large.feed(new Script().headers(1, [":status", "200", "a", "b".repeat(99)])), [`RST 1 ${CALM}`]);
    const many = client({ idleFrameBurst: 100, idleFramesPerSecond: 0 });
    many.http2.open(request, true);
    const script = new Script();
    for (let i = 0; i < 200; i++) script.headers(1, [":status", "103"], 0);
    assertEquals(many.feed(script).at(-1), `GOAWAY 0 ${CALM}`);
  });
});

describe("a peer may", () => {
  it("reset what it had its answer for, and what it gives up now and then", () => {
    const peer = server({ resetBurst: 50 });
    const answered = roundsUntilEnd(peer, 500, (script, i) => {
      script.headers(2 * i + 1, POST, 0);
      peer.on.headers = (stream) => peer.http2.headers(stream, OK, true);
      script.reset(2 * i + 1, 0);
    });
    assertEquals(answered, Infinity);
    const patient = server({ resetBurst: 50 });
    const slow = roundsUntilEnd(patient, 500, (script, i) => {
      patient.nowMs += 40;
      script.headers(2 * i + 1, GET).reset(2 * i + 1);
    });
    assertEquals(slow, Infinity);
  });

  it("ping with every message it gets, for ever", () => {
    const peer = server({ idleFrameBurst: 100, idleFramesPerSecond: 0, maxQueuedReplies: 100 });
    peer.feed(new Script().headers(1, GET));
    peer.blockedBytes = 1;
    const rounds = roundsUntilEnd(peer, 3000, (script) => {
      peer.http2.data(peer.streams.get(1)!, new Uint8Array(10), 0, 10, false);
      script.frame(FrameType.PING, 0, 0, 8).update(0, 10).update(1, 10);
    });
    assertEquals(rounds, Infinity);
  });

  it("send as many CONTINUATIONs as a header list needs that it may send", () => {
    const peer = server({ maxHeaderListBytes: 256 * 1024 });
    const whole = block([...GET, ...Array.from({ length: 200 }, (_, i) => [`a${i}`, "b".repeat(1000)]).flat()]);
    const script = new Script().frame(FrameType.HEADERS, Flag.END_STREAM, 1, whole.subarray(0, 16_384));
    for (let at = 16_384; at < whole.length; at += 16_384) {
      const last = at + 16_384 >= whole.length;
      script.frame(FrameType.CONTINUATION, last ? Flag.END_HEADERS : 0, 1, whole.subarray(at, at + 16_384));
    }
    assertEquals(peer.feed(script), []);
    assertEquals(peer.http2.openStreams, 1);
  });

  it("send content octet by octet, which costs its octets", () => {
    const peer = server();
    const queue = new ByteQueue();
    peer.consumes = false;
    peer.on.data = (_, bytes, start, end) => queue.append(bytes, start, end);
    peer.feed(new Script().headers(1, POST, 0));
    let out = 0;
    for (let i = 0; i < 60; i++) {
      const script = new Script();
      for (let j = 0; j < 1000; j++) script.data(1, "x");
      out += peer.feed(script).length;
      peer.events.length = 0;
    }
    assertEquals([queue.length, peer.failed], [60_000, undefined]);
    assert(queue.bytes.length <= 131_072 && out <= 8, `${queue.bytes.length} ${out}`);
  });
});

describe("an HPACK bomb", () => {
  it("is refused stream by stream, and grows nothing", () => {
    const peer = server({ resetBurst: 10_000 });
    const name = "a".repeat(10);
    const seed = new Script().headers(1, GET);
    seed.frame(
      FrameType.HEADERS,
      Flag.END_HEADERS | Flag.END_STREAM,
      3,
      hex(`82868440 0a${"61".repeat(10)} 7f811e ${"62".repeat(3968)}`),
    );
    peer.feed(seed);
    assertEquals(peer.events.at(-1)?.includes(name), true);
    const references = new Uint8Array(16_000).fill(0xbe);
    references.set(hex("828684"));
    for (let id = 5; id < 45; id += 2) {
      const out = peer.feed(new Script().frame(FrameType.HEADERS, Flag.END_HEADERS | Flag.END_STREAM, id, references));
      assertEquals(out, [`HEADERS ${id} :status=431 END`]);
    }
    assertEquals(peer.failed, undefined);
  });
});
