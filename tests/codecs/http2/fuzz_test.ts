/**
 * A connection under random and broken frames: nothing is thrown, and it ends at most once.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { HeaderList } from "../../../codecs/http2/header_list.ts";
import { hex, random } from "./hex.ts";
import { block, GET, OK, Peer, POST, Script } from "./peer.ts";

type Next = (below: number) => number;

/** Mostly what a client may send; `ids` are the streams begun. */
function clientFrame(script: Script, next: Next, ids: number[]): void {
  const id = ids[next(ids.length)];
  if (id === undefined || next(4) === 0) {
    ids.push((ids.at(-1) ?? -1) + 2);
    return void script.headers(ids.at(-1)!, [GET, POST][next(2)]!, next(2));
  }
  switch (next(6)) {
    case 0:
      return void script.reset(id, next(16));
    case 1:
      return void script.update(id, next(5000) + 1).update(0, next(5000) + 1);
    case 2:
      return void script.settings([4, next(100_000)]).ack();
    case 3:
      ids.splice(ids.indexOf(id), ids.at(-1) === id ? 0 : 1);
      return void script.headers(id, ["a", "b"]);
    default:
      return void script.data(id, next(3000), next(6) === 0);
  }
}

/** Mostly what a server may send. */
function serverFrame(script: Script, next: Next, ids: number[]): void {
  const id = ids[next(ids.length)];
  if (id === undefined) return void script.frame(6, 0, 0, 8);
  switch (next(6)) {
    case 0:
      return void script.headers(id, [":status", "200"], next(2));
    case 1:
      return void script.update(id, next(5000) + 1).update(0, next(5000) + 1);
    case 2:
      return void script.settings([3, next(5)], [4, next(100_000)]).ack();
    case 3:
      return void script.headers(id, [":status", "103"], 0).reset(id, next(16));
    default:
      return void script.headers(id, [":status", "200"], 0).data(id, next(3000), next(2) === 0);
  }
}

/** A frame that may or may not make sense. */
function anyFrame(script: Script, next: Next): void {
  const id = [0, 1, 3, 5, next(40)][next(5)]!;
  switch (next(4)) {
    case 0:
      return void script.frame(1, next(64), id, hex("82868440016101628283be".slice(0, 2 * next(12))));
    case 1:
      return void script.frame(9, next(8), id, block(GET));
    case 2:
      return void script.settings([next(8), [0, 1, 100, 65535, 20000, 2 ** 31 - 1, 2 ** 32 - 1][next(7)]!]);
    default:
      return void script.frame(next(12), next(256), id, next(20));
  }
}

/** A user that does something with whatever happens. */
function anyUser(peer: Peer, next: Next): void {
  const streams = [...peer.streams.values()];
  const stream = streams[next(streams.length + 1)];
  if (stream === undefined) return;
  const { http2 } = peer;
  const open = !stream.localEnded && !stream.endPending;
  switch (next(7)) {
    case 0:
      return open ? http2.headers(stream, OK, next(2) === 0) : undefined;
    case 1:
      return open ? void http2.data(stream, new Uint8Array(60_000), 0, next(60_000), next(4) === 0) : undefined;
    case 2:
      return open ? http2.trailers(stream, HeaderList.of({ a: "b" })) : undefined;
    case 3:
      return http2.reset(stream, next(16));
    case 4:
      return http2.consumed(stream, next(5000));
    case 5:
      stream.busy = true;
      return;
    default:
      return http2.release(stream);
  }
}

function run(role: "client" | "server", seed: number): { ended: boolean; streams: number } {
  const next = random(seed);
  const peer = new Peer(role, { maxConcurrentStreams: 8, windowBytes: 20_000, connectionWindowBytes: 100_000 });
  peer.consumes = next(2) === 0;
  peer.on.headers = () => anyUser(peer, next);
  peer.on.data = () => anyUser(peer, next);
  const ids: number[] = [];
  const first = new Script();
  peer.feed(role === "server" ? first.preface() : first.settings());
  const request = HeaderList.of({ ":method": "GET", ":scheme": "http", ":path": "/" });
  for (let turn = 0; turn < 60 && !peer.events.at(-1)?.startsWith("closed"); turn++) {
    if (role === "client" && peer.http2.canOpen) {
      const stream = peer.http2.open(request, next(2) === 0);
      peer.streams.set(stream.id, stream);
    }
    const script = new Script();
    for (let i = next(4); i >= 0; i--) {
      if (next(60) === 0) anyFrame(script, next);
      else if (role === "server") clientFrame(script, next, ids);
      else serverFrame(script, next, [...peer.streams.keys()].filter((id) => !peer.streams.get(id)!.closed));
    }
    const bytes = script.w.written().slice();
    for (let i = next(60) === 0 ? 2 : 0; i > 0; i--) bytes[next(bytes.length)] = next(256);
    peer.push(bytes);
    peer.nowMs += next(50);
    peer.http2.tick();
    anyUser(peer, next);
    if (next(50) === 0) peer.http2.shutdown();
    // What comes out must be whole frames.
    assert(!peer.take().some((line) => line.startsWith("rest")));
  }
  const ended = peer.events.some((event) => event.startsWith("closed"));
  if (ended) assertEquals(peer.http2.openStreams, 0);
  assertEquals(peer.events.filter((event) => event.startsWith("closed")).length <= 1, true);
  return { ended, streams: peer.streams.size };
}

describe("Http2Connection under random frames", () => {
  for (const role of ["server", "client"] as const) {
    it(`as a ${role} throws nothing, writes whole frames and ends at most once`, () => {
      let ended = 0;
      let streams = 0;
      for (let seed = 1; seed <= 300; seed++) {
        const result = run(role, seed);
        ended += result.ended ? 1 : 0;
        streams += result.streams;
      }
      assert(ended > 50 && streams > 100, `${ended} ended, ${streams} streams`);
    });
  }
});
