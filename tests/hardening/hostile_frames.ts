/**
 * HTTP/2 as gRPC's clients and servers speak it, recorded from our own, and ways to spoil it frame by frame.
 *
 * @module
 */
import { grpc } from "../../codecs/grpc/protocol.ts";
import {
  decodeFrame,
  Frame,
  FRAME_HEADER_BYTES,
  FrameType,
  MAX_FRAME_BYTES,
  PREFACE,
} from "../../codecs/http2/frame.ts";
import { createClient, createServer } from "../../core.ts";
import { memory } from "../../transports/memory.ts";
import { testHandlers, TestService } from "../interop/grpc_handlers.ts";
import { taped } from "./corpus.ts";
import type { Random } from "./mutate.ts";
import { join } from "./raw_peer.ts";

const EMPTY = new Uint8Array(0);

/** What went over one connection of each: whole frames; a client's preface is not among them. */
export interface FrameRecording {
  readonly requests: readonly Uint8Array[];
  readonly replies: readonly Uint8Array[];
}

/** All kinds of calls, one after the other: with metadata, content, an error, a message cut into frames. */
export async function frameRecording(): Promise<FrameRecording> {
  const said: Record<"request" | "reply", Uint8Array[]> = { request: [], reply: [] };
  const transport = taped(memory({ capacityBytes: 1 << 20 }), (bytes, kind) => said[kind].push(bytes));
  const server = await createServer({ transport, protocols: [grpc()] }).add(TestService, testHandlers())
    .listen({ path: "server" });
  const client = createClient(TestService, { to: server.address, transport, protocol: grpc(), timeoutMs: 10_000 });
  const payload = { body: new Uint8Array(100).fill(7) };
  const output = { responseParameters: [{ size: 10 }, { size: 40_000 }], payload };
  const meta = { headers: { "x-grpc-test-echo-initial": "a", "x-grpc-test-echo-trailing-bin": "q6ur" } };
  await client.emptyCall({});
  await client.unaryCall({ responseSize: 50, payload }, { meta });
  await client.unaryCall({ responseStatus: { code: 9, message: "no" } }).catch(() => {}); // that is its reply
  for await (const _ of client.streamingOutputCall(output)); // read to its end
  await client.streamingInputCall([{ payload }, { payload: { body: new Uint8Array(20_000) } }]);
  for await (const _ of client.fullDuplexCall([output, output])); // read to its end
  await client.unimplementedCall({}).catch(() => {}); // that is its reply
  await client.close();
  await server.close();
  return { requests: frames(join(said.request).subarray(PREFACE.length)), replies: frames(join(said.reply)) };
}

/** What a hostile client sends on one connection, and how many frames of it are spoiled. */
export function hostileRequests({ requests }: FrameRecording, below: Random): { bytes: Uint8Array; spoiled: number } {
  const { frames, spoiled } = spoil(requests, below);
  const preface = Uint8Array.from(PREFACE).subarray(below(50) === 0 ? below(PREFACE.length) : 0);
  return { bytes: join([preface, ...frames]), spoiled };
}

/** What a hostile server sends on one connection: at once, and when requests have come. */
export function hostileReplies(
  { replies }: FrameRecording,
  below: Random,
): { settings: Uint8Array; answers: Uint8Array } {
  const [settings = EMPTY, ...answers] = spoil(replies, below).frames;
  return { settings, answers: join(answers) };
}

/** Frames in another order, twice, not at all, for other streams, of other types, cut, with lies in them. */
function spoil(sound: readonly Uint8Array[], below: Random): { frames: Uint8Array[]; spoiled: number } {
  // SETTINGS, the first, stay mostly, or nothing that follows would be looked at.
  const frames = sound.slice(0, 2 + below(sound.length)).map((frame) => frame.slice());
  const spoiled = 1 + below(4);
  for (let i = 0; i < spoiled; i++) {
    const at = below(20) === 0 ? 0 : Math.min(1 + below(frames.length), frames.length - 1);
    const frame = frames[at]!;
    switch (below(9)) {
      case 0:
        frames.splice(at, 1);
        if (frames.length === 0) return { frames, spoiled };
        break;
      case 1:
        frames.splice(at, 0, frame.slice());
        break;
      case 2:
        frames.splice(at, 0, sound[below(sound.length)]!.slice());
        break;
      case 3:
        frame[3] = below(12); // the type
        break;
      case 4:
        frame[4] = below(256); // the flags
        break;
      case 5:
        frame[8] = below(40); // the stream
        break;
      case 6:
        frames[at] = resized(frame, below(2) === 0 ? below(frame.length) : frame.length + below(300));
        break;
      case 7:
        frame[below(3)] = below(256); // a length that is not so
        break;
      default:
        for (let n = 1 + below(8); n > 0; n--) {
          const from = Math.min(FRAME_HEADER_BYTES, frame.length - 1);
          frame[from + below(frame.length - from)] = below(256);
        }
    }
  }
  return { frames, spoiled };
}

/** The frame with a payload of another length, which its head says. */
function resized(frame: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.max(size, FRAME_HEADER_BYTES));
  bytes.set(frame.subarray(0, bytes.length));
  const length = bytes.length - FRAME_HEADER_BYTES;
  bytes.set([length >> 16, (length >> 8) & 0xff, length & 0xff]);
  return bytes;
}

/** Cuts bytes into frames. What only keeps the peers in step is left out: acknowledgements, pings, windows. */
function frames(bytes: Uint8Array): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const frame = decodeFrame(bytes, at, MAX_FRAME_BYTES, new Frame());
    if (frame === null) throw new Error(`a frame is cut at ${at} of ${bytes.length}`);
    const { type, length } = frame;
    const end = at + FRAME_HEADER_BYTES + length;
    if (type !== FrameType.PING && type !== FrameType.GOAWAY && type !== FrameType.WINDOW_UPDATE) {
      all.push(bytes.slice(at, end));
    }
    at = end;
  }
  return all;
}
