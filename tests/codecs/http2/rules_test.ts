/**
 * The rules of RFC 9113 §3 to §8, one by one: what a peer must not do, and what happens to it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { HeaderList } from "../../../codecs/http2/header_list.ts";
import { Flag, FrameType } from "../../../codecs/http2/frame.ts";
import { hex } from "./hex.ts";
import { client, GET, OK, Peer, POST, Script, server } from "./peer.ts";

const REQUEST = HeaderList.of({ ":method": "GET", ":scheme": "http", ":path": "/" });
const FULL = Flag.END_HEADERS;

/** The connection ends with this code. */
function ends(code: string, script: Script, peer = server()): void {
  const out = peer.feed(script);
  assertEquals(out.at(-1)?.replace(/ \d+ /, " "), `GOAWAY ${code}`);
  assertEquals(peer.takeEvents().at(-1), `closed ${code}`);
  assertEquals(peer.feed(new Script().headers(99, GET)), []);
}

/** The stream ends with this code, and the connection goes on. */
function resets(code: string, script: Script, peer = server(), id = 1): void {
  const out = peer.feed(script);
  assertEquals(out.filter((line) => line.startsWith("RST")), [`RST ${id} ${code}`]);
  const pong = peer.feed(new Script().frame(FrameType.PING, 0, 0, 8));
  assertEquals(pong, ["PING ACK 0000000000000000"]);
}

/** Nothing happens to anybody. */
function passes(script: Script, peer = server()): void {
  const out = peer.feed(script);
  assertEquals(out.filter((line) => /^(RST|GOAWAY)/.test(line)), []);
}

/** A server's connection on which stream 1 is as named. */
function at(
  state: "open" | "half-closed (remote)" | "half-closed (local)" | "closed" | "reset by peer" | "reset",
): Peer {
  const peer = server();
  const ended = state === "half-closed (remote)" || state === "closed";
  peer.feed(new Script().headers(1, POST, ended ? Flag.END_STREAM : 0));
  const stream = peer.streams.get(1)!;
  if (state === "closed" || state === "half-closed (local)") peer.http2.headers(stream, OK, true);
  if (state === "reset by peer") peer.feed(new Script().reset(1));
  if (state === "reset") peer.http2.reset(stream, 8);
  peer.take();
  return peer;
}

describe("RFC 9113 §3.4, the preface", () => {
  it("must be there, and SETTINGS must follow", () => {
    ends(
      "PROTOCOL_ERROR",
      new Script().bytes(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: a\r\n\r\n")),
      new Peer("server"),
    );
    const preface = new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    ends("PROTOCOL_ERROR", new Script().bytes(preface).headers(1, GET), new Peer("server"));
    ends("PROTOCOL_ERROR", new Script().bytes(preface).ack(), new Peer("server"));
    ends("PROTOCOL_ERROR", new Script().headers(1, [":status", "200"]), new Peer("client"));
  });
});

describe("RFC 9113 §4, frames", () => {
  it("of unknown types and flags are ignored", () => {
    passes(new Script().frame(0xff, 0xff, 0, 5).frame(0x16, 0, 7, 3).frame(FrameType.PING, 0xfe, 0, 8));
  });

  it("over the maximal size end the connection", () => {
    ends("FRAME_SIZE_ERROR", new Script().headers(1, POST, 0).header(16385, FrameType.DATA, 0, 1));
    ends("FRAME_SIZE_ERROR", new Script().header(16385, FrameType.HEADERS, FULL, 1));
    passes(new Script().headers(1, POST, 0).data(1, 20_000), server({ maxFrameBytes: 20_000 }));
  });

  it("must not interrupt a header block", () => {
    const begun = (): Script => new Script().frame(FrameType.HEADERS, 0, 1, hex("82"));
    ends("PROTOCOL_ERROR", begun().frame(FrameType.PING, 0, 0, 8));
    ends("PROTOCOL_ERROR", begun().frame(0x20, 0, 0, 1));
    ends("PROTOCOL_ERROR", begun().headers(3, GET));
    ends("PROTOCOL_ERROR", begun().frame(FrameType.CONTINUATION, FULL, 3, hex("84")));
  });

  it("with a header block that cannot be decoded end the connection", () => {
    ends("COMPRESSION_ERROR", new Script().frame(FrameType.HEADERS, FULL, 1, hex("828684ff")));
    ends("COMPRESSION_ERROR", new Script().frame(FrameType.HEADERS, FULL, 1, hex("82868480")));
    // Also for streams that get no further than this.
    ends("COMPRESSION_ERROR", new Script().frame(FrameType.HEADERS, FULL, 1, hex("80")), at("reset"));
  });

  it("keep the compression state right whatever happens to their stream", () => {
    const peer = server({ maxConcurrentStreams: 1 });
    const script = new Script().headers(1, POST, 0);
    script.frame(FrameType.HEADERS, FULL | 1, 3, hex("82868440 0161 0162")); // refused, adds a=b
    peer.feed(script.reset(1));
    peer.feed(new Script().frame(FrameType.HEADERS, FULL | 1, 5, hex("828684be")));
    assertEquals(peer.takeEvents().at(-1), "headers 5 :method=GET :scheme=http :path=/ a=b END");
  });
});

describe("RFC 9113 §5.1, stream states", () => {
  it("idle: only HEADERS and PRIORITY are allowed", () => {
    ends("PROTOCOL_ERROR", new Script().data(1, "a"));
    ends("PROTOCOL_ERROR", new Script().reset(1));
    ends("PROTOCOL_ERROR", new Script().update(1, 5));
    ends("PROTOCOL_ERROR", new Script().frame(FrameType.CONTINUATION, FULL, 1, hex("82")));
    passes(new Script().frame(FrameType.PRIORITY, 0, 9, 5));
    ends("PROTOCOL_ERROR", new Script().headers(1, [":status", "200"]), client());
    ends("PROTOCOL_ERROR", new Script().headers(2, [":status", "200"]), client());
  });

  it("half-closed (remote): nothing more is sent", () => {
    const state = "half-closed (remote)";
    resets("STREAM_CLOSED", new Script().data(1, "a"), at(state));
    resets("STREAM_CLOSED", new Script().headers(1, ["a", "b"]), at(state));
    ends("PROTOCOL_ERROR", new Script().frame(FrameType.CONTINUATION, FULL, 1, hex("82")), at(state));
    passes(new Script().update(1, 5).frame(FrameType.PRIORITY, 0, 1, 5).reset(1), at(state));
  });

  it("half-closed (local): everything is still taken", () => {
    const peer = at("half-closed (local)");
    passes(new Script().update(1, 5).data(1, "abc").headers(1, ["a", "b"]), peer);
    assertEquals(peer.takeEvents().slice(1), ["data 1 3", "trailers 1 a=b"]);
    assertEquals(peer.streams.get(1)!.state, "closed");
  });

  it("closed by both: nothing but late WINDOW_UPDATE, RST_STREAM and PRIORITY", () => {
    for (const state of ["closed", "reset by peer"] as const) {
      ends("STREAM_CLOSED", new Script().data(1, "a"), at(state));
      ends("STREAM_CLOSED", new Script().headers(1, ["a", "b"]), at(state));
      passes(new Script().update(1, 5).reset(1).frame(FrameType.PRIORITY, 0, 1, 5), at(state));
    }
  });

  it("closed by this side: what was on its way is ignored, and its window given back", () => {
    const peer = at("reset");
    passes(new Script().data(1, "a").headers(1, ["a", "b"]).update(1, 5).reset(1), peer);
    for (let i = 0; i < 40; i++) passes(new Script().data(1, 16384), peer);
    const unread = server();
    unread.feed(new Script().headers(1, POST, 0));
    unread.consumes = false;
    for (let i = 0; i < 3; i++) unread.feed(new Script().data(1, 16384));
    unread.http2.reset(unread.streams.get(1)!, 8);
    unread.take();
    for (let i = 0; i < 60; i++) passes(new Script().data(1, 16384), unread);
  });

  it("ids are odd and rise", () => {
    ends("PROTOCOL_ERROR", new Script().headers(2, GET));
    ends("PROTOCOL_ERROR", new Script().headers(5, GET).headers(3, GET));
    ends("PROTOCOL_ERROR", new Script().headers(2001, GET).headers(1999, GET));
    passes(new Script().headers(2001, GET).headers(2147483647, GET));
  });

  it("over the announced number are refused", () => {
    resets(
      "REFUSED_STREAM",
      new Script().headers(1, GET).headers(3, GET).headers(5, GET),
      server({ maxConcurrentStreams: 2 }),
      5,
    );
  });

  it("must not depend on themselves", () => {
    resets("PROTOCOL_ERROR", new Script().frame(FrameType.PRIORITY, 0, 1, hex("0000000100")), at("open"));
    resets("PROTOCOL_ERROR", new Script().frame(FrameType.HEADERS, FULL | Flag.PRIORITY, 1, hex("0000000110828684")));
    ends("PROTOCOL_ERROR", new Script().frame(FrameType.PRIORITY, 0, 1, hex("0000000100")));
  });
});

describe("RFC 9113 §6, each frame", () => {
  it("DATA, HEADERS, PRIORITY, RST_STREAM belong to a stream; SETTINGS, PING, GOAWAY to the connection", () => {
    const { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY } = FrameType;
    for (const [type, length] of [[DATA, 1], [HEADERS, 1], [PRIORITY, 5], [RST_STREAM, 4]] as const) {
      ends("PROTOCOL_ERROR", new Script().frame(type, FULL, 0, length));
    }
    for (const [type, length] of [[SETTINGS, 6], [PING, 8], [GOAWAY, 8]] as const) {
      ends("PROTOCOL_ERROR", new Script().headers(1, POST, 0).frame(type, 0, 1, length));
    }
  });

  it("padding fits into its frame", () => {
    ends("PROTOCOL_ERROR", new Script().headers(1, POST, 0).frame(FrameType.DATA, Flag.PADDED, 1, hex("05000000")));
    ends("PROTOCOL_ERROR", new Script().frame(FrameType.HEADERS, Flag.PADDED | FULL, 1, hex("0582")));
  });

  it("lengths are as they must be", () => {
    ends("FRAME_SIZE_ERROR", new Script().frame(FrameType.PING, 0, 0, 6));
    ends("FRAME_SIZE_ERROR", new Script().frame(FrameType.SETTINGS, 0, 0, 3));
    ends("FRAME_SIZE_ERROR", new Script().frame(FrameType.SETTINGS, Flag.ACK, 0, 6));
    ends("FRAME_SIZE_ERROR", new Script().frame(FrameType.RST_STREAM, 0, 1, 3), at("open"));
    ends("FRAME_SIZE_ERROR", new Script().frame(FrameType.WINDOW_UPDATE, 0, 1, 3), at("open"));
    resets("FRAME_SIZE_ERROR", new Script().frame(FrameType.PRIORITY, 0, 1, 4), at("open"));
  });

  it("SETTINGS have values that are allowed", () => {
    ends("PROTOCOL_ERROR", new Script().settings([2, 2]));
    ends("FLOW_CONTROL_ERROR", new Script().settings([4, 2 ** 31]));
    ends("PROTOCOL_ERROR", new Script().settings([5, 16383]));
    ends("PROTOCOL_ERROR", new Script().settings([5, 16777216]));
    ends("PROTOCOL_ERROR", new Script().settings([2, 1]), client());
    const peer = server();
    assertEquals(peer.feed(new Script().settings([5, 16777215], [2, 0], [0xff, 5], [3, 7], [6, 9], [1, 0])), [
      "SETTINGS ACK",
    ]);
    const { maxFrameSize, enablePush, maxConcurrentStreams, maxHeaderListSize, headerTableSize } = peer.http2.peer;
    assertEquals([maxFrameSize, enablePush, maxConcurrentStreams, maxHeaderListSize, headerTableSize], [
      16777215,
      false,
      7,
      9,
      0,
    ]);
  });

  it("PUSH_PROMISE is for nobody", () => {
    ends("PROTOCOL_ERROR", new Script().frame(FrameType.PUSH_PROMISE, FULL, 1, hex("00000002828684")), at("open"));
    const peer = client();
    peer.http2.open(REQUEST, true);
    ends("PROTOCOL_ERROR", new Script().frame(FrameType.PUSH_PROMISE, FULL, 1, hex("00000002828684")), peer);
  });

  it("PING is answered with the same octets, unless it is an answer", () => {
    const peer = server();
    assertEquals(peer.feed(new Script().frame(FrameType.PING, 0, 0, hex("0102030405060708"))), [
      "PING ACK 0102030405060708",
    ]);
    assertEquals(peer.feed(new Script().frame(FrameType.PING, Flag.ACK, 0, hex("0102030405060708"))), []);
  });

  it("GOAWAY names streams of the receiver's side, and no higher ones later", () => {
    ends("PROTOCOL_ERROR", new Script().frame(FrameType.GOAWAY, 0, 0, hex("0000000200000000")), client());
    const twice = new Script().frame(FrameType.GOAWAY, 0, 0, hex("0000000100000000"));
    ends("PROTOCOL_ERROR", twice.frame(FrameType.GOAWAY, 0, 0, hex("0000000300000000")), client());
    passes(new Script().frame(FrameType.GOAWAY, 0, 0, hex("0000000000000063")));
  });

  it("WINDOW_UPDATE has an increment, which does not take the window past 2^31-1", () => {
    ends("PROTOCOL_ERROR", new Script().update(0, 0));
    resets("PROTOCOL_ERROR", new Script().update(1, 0), at("open"));
    ends("FLOW_CONTROL_ERROR", new Script().update(0, 2 ** 31 - 1));
    resets("FLOW_CONTROL_ERROR", new Script().update(1, 2 ** 31 - 1), at("open"));
    ends("FLOW_CONTROL_ERROR", new Script().update(1, 2 ** 31 - 1 - 65535).settings([4, 65536]), at("open"));
  });

  it("CONTINUATION follows a header block that is not at its end", () => {
    ends("PROTOCOL_ERROR", new Script().frame(FrameType.CONTINUATION, FULL, 1, hex("82")), at("open"));
    ends("PROTOCOL_ERROR", new Script().headers(1, GET).frame(FrameType.CONTINUATION, FULL, 1, hex("82")));
    ends(
      "PROTOCOL_ERROR",
      new Script().headers(1, POST, 0).data(1, "a").frame(FrameType.CONTINUATION, FULL, 1, hex("82")),
    );
    ends("PROTOCOL_ERROR", new Script().frame(FrameType.CONTINUATION, FULL, 0, hex("82")));
  });

  it("error codes nobody knows are taken", () => {
    const peer = at("open");
    passes(new Script().reset(1, 0x3e8).frame(FrameType.GOAWAY, 0, 0, hex("00000000000000ff")), peer);
    assertEquals(peer.takeEvents().slice(1), ["reset 1 0x3e8 remote", "goaway 0 0xff "]);
  });
});

describe("RFC 9113 §8, malformed messages", () => {
  const bad: Record<string, readonly string[]> = {
    "an upper-case name": [...GET, "X-A", "b"],
    "a name that is no token": [...GET, "a b", "c"],
    "an empty name": [...GET, "", "c"],
    "a line break in a value": [...GET, "a", "b\r\nc"],
    "a NUL in a value": [...GET, "a", "b\0c"],
    "white space around a value": [...GET, "a", " b"],
    "connection": [...GET, "connection", "close"],
    "keep-alive": [...GET, "keep-alive", "5"],
    "transfer-encoding": [...GET, "transfer-encoding", "chunked"],
    "upgrade": [...GET, "upgrade", "x"],
    "te other than trailers": [...GET, "te", "gzip"],
    "an unknown pseudo-header field": [...GET, ":test", "a"],
    "a pseudo-header field of a response": [...GET, ":status", "200"],
    "a pseudo-header field after a regular one": ["a", "b", ...GET],
    "no :method": [":scheme", "http", ":path", "/"],
    "no :scheme": [":method", "GET", ":path", "/"],
    "no :path": [":method", "GET", ":scheme", "http"],
    "an empty :path": [":method", "GET", ":scheme", "http", ":path", ""],
    "a :path that does not begin with a slash": [":method", "GET", ":scheme", "http", ":path", "x"],
    "two :method": [...GET, ":method", "GET"],
    "CONNECT with a path": [":method", "CONNECT", ":authority", "a", ":scheme", "http", ":path", "/"],
    "a content-length that is no number": [...GET, "content-length", "a"],
    "two content-lengths": [...GET, "content-length", "0", "content-length", "0"],
    "a content-length without content": [...GET, "content-length", "1"],
    "no field at all": [],
  };
  for (const [name, fields] of Object.entries(bad)) {
    it(`a request with ${name} is reset`, () => resets("PROTOCOL_ERROR", new Script().headers(1, fields)));
  }

  it("a request may have te: trailers, CONNECT no path, and white space where that is allowed", () => {
    passes(new Script().headers(1, [...GET, "te", "trailers"]).headers(3, [":method", "CONNECT", ":authority", "a:1"]));
    passes(new Script().headers(1, [...GET, "a", " b "]), server({ spaceAllowed: true }));
  });

  it("content is as long as content-length says", () => {
    const request = (...more: string[]): Script => new Script().headers(1, [...POST, "content-length", ...more], 0);
    resets("PROTOCOL_ERROR", request("3").data(1, "ab", true));
    resets("PROTOCOL_ERROR", request("3").data(1, "ab").data(1, "cd"));
    resets("PROTOCOL_ERROR", request("3").data(1, "ab").headers(1, ["a", "b"]));
    passes(request("3").data(1, "ab").data(1, "c", true));
    const peer = client();
    peer.http2.open(REQUEST, true);
    resets(
      "PROTOCOL_ERROR",
      new Script().headers(1, [":status", "200", "content-length", "4"], 0).data(1, "abc", true),
      peer,
    );
    const head = client();
    head.http2.open(HeaderList.of({ ":method": "HEAD", ":scheme": "http", ":path": "/" }), true);
    passes(new Script().headers(1, [":status", "200", "content-length", "4"]), head);
  });

  it("trailers end the stream and have no pseudo-header fields", () => {
    resets("PROTOCOL_ERROR", new Script().headers(1, POST, 0).headers(1, ["a", "b"], 0));
    resets("PROTOCOL_ERROR", new Script().headers(1, POST, 0).headers(1, [":path", "/"]));
    resets("PROTOCOL_ERROR", new Script().headers(1, POST, 0).headers(1, ["A", "b"]));
  });

  it("responses have one :status of three digits, and content only after it", () => {
    for (const fields of [[], [":status", "20"], [":status", "101"], [":status", "200", ":path", "/"], ["a", "b"]]) {
      const peer = client();
      peer.http2.open(REQUEST, true);
      resets("PROTOCOL_ERROR", new Script().headers(1, fields), peer);
    }
    const early = client();
    early.http2.open(REQUEST, true);
    resets("PROTOCOL_ERROR", new Script().data(1, "a"), early);
    const interim = client();
    interim.http2.open(REQUEST, true);
    resets("PROTOCOL_ERROR", new Script().headers(1, [":status", "103"]), interim);
  });
});
