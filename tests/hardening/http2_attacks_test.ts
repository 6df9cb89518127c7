/**
 * Attacks on a live gRPC server, frame by frame: each costs the attacker its connection, with the code that says why, and
 * nobody else anything.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { grpc } from "../../codecs/grpc/protocol.ts";
import { decodeFrame, Frame, FRAME_HEADER_BYTES, FrameType, MAX_FRAME_BYTES } from "../../codecs/http2/frame.ts";
import { createClient, createServer } from "../../core.ts";
import { auto } from "../../transports/auto.ts";
import { POST, Script } from "../codecs/http2/peer.ts";
import { EchoService } from "../interop/gen/echo.ts";
import { echoHandlers } from "../interop/handlers.ts";
import { RawPeer } from "./raw_peer.ts";

const CALL = [...POST.slice(0, 4), ":path", "/EchoService/sleep", "content-type", "application/grpc+thrift"];
const COUNT = 50_000;
const MEBI = 1024 * 1024;

function frame(type: number, flags: number, streamId: number, payload: readonly number[] = []): number[] {
  const { length } = payload;
  const id = [streamId >>> 24, (streamId >>> 16) & 255, (streamId >>> 8) & 255, streamId & 255];
  return [0, (length >>> 8) & 255, length & 255, type, flags, ...id, ...payload];
}

function repeated(one: readonly number[], count = COUNT): Uint8Array {
  const all = new Uint8Array(one.length * count);
  for (let i = 0; i < count; i++) all.set(one, i * one.length);
  return all;
}

/** What each attacker sends after its preface, and the code it is to be told. */
const ATTACKS: Record<string, { code: number; bytes(): Uint8Array }> = {
  "rapid reset": {
    code: 11,
    bytes() {
      const script = new Script();
      for (let id = 1; id < COUNT; id += 2) script.headers(id, CALL, 0).reset(id);
      return script.w.written().slice();
    },
  },
  "made-you-reset": {
    code: 11,
    bytes() {
      const script = new Script();
      for (let id = 1; id < COUNT; id += 2) script.headers(id, CALL, 0).update(id, 0);
      return script.w.written().slice();
    },
  },
  "CONTINUATION flood": {
    code: 11,
    bytes: () =>
      Uint8Array.of(...frame(FrameType.HEADERS, 0, 1), ...repeated(frame(FrameType.CONTINUATION, 0, 1), 1_000)),
  },
  "PING flood": { code: 11, bytes: () => repeated(frame(FrameType.PING, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8])) },
  "SETTINGS flood": { code: 11, bytes: () => repeated(frame(FrameType.SETTINGS, 0, 0)) },
  "empty DATA flood": {
    code: 11,
    bytes() {
      const head = new Script().headers(1, CALL, 0).w.written();
      const flood = repeated(frame(FrameType.DATA, 0, 1));
      const all = new Uint8Array(head.length + flood.length);
      all.set(head);
      all.set(flood, head.length);
      return all;
    },
  },
  "window overflow": {
    code: 3,
    bytes: () => repeated(frame(FrameType.WINDOW_UPDATE, 0, 0, [0x7f, 0xff, 0xff, 0xff]), 2),
  },
  "a frame of 16 MiB": { code: 6, bytes: () => Uint8Array.of(255, 255, 255, 0, 0, 0, 0, 0, 1) },
  "an index outside the tables": {
    code: 9,
    bytes: () => Uint8Array.from(frame(FrameType.HEADERS, 5, 1, [0xff, 0x7f])),
  },
};

/** The code of the GOAWAY that bytes of a server end with; -1 without one. */
function goawayCode(bytes: Uint8Array): number {
  let code = -1;
  for (let at = 0; at + FRAME_HEADER_BYTES <= bytes.length;) {
    const frame = decodeFrame(bytes, at, MAX_FRAME_BYTES, new Frame());
    if (frame === null) break;
    if (frame.type === FrameType.GOAWAY) code = frame.code;
    at += FRAME_HEADER_BYTES + frame.length;
  }
  return code;
}

describe("a live gRPC server", () => {
  for (const [name, { code, bytes }] of Object.entries(ATTACKS)) {
    it(`cuts ${name} off and serves others`, async () => {
      const transport = auto();
      const server = await createServer({ transport, protocols: [grpc()], exitWaitMs: 100 })
        .add(EchoService, echoHandlers())
        .listen({ hostname: "127.0.0.1", port: 0 });
      const client = createClient(EchoService, { to: server.address, transport, protocol: grpc(), timeoutMs: 20_000 });
      try {
        await client.ping();
        const attacker = await RawPeer.dial(transport, server.local);
        await attacker.send(new Script().preface().ack().w.written().slice());
        await Promise.all([attacker.send(bytes()), client.echoString("meanwhile")]);
        await attacker.dropped();
        assertEquals(goawayCode(attacker.rest()), code);
        assert(attacker.receivedBytes < MEBI, `${attacker.receivedBytes} bytes came back`);
        assertEquals(await client.echoString("after"), "after");
        assertEquals(server.stats.accepted, 2);
      } finally {
        await client.close();
        await server.close();
      }
    });
  }
});
