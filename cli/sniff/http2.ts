/**
 * HTTP/2 frames of one direction, with their headers decoded, and the messages of gRPC in them.
 *
 * @module
 */
import { errorName } from "../../codecs/http2/errors.ts";
import { decodeFrame, Flag, Frame, frameBytes, FrameType } from "../../codecs/http2/frame.ts";
import { HpackDecoder } from "../../codecs/http2/hpack/decoder.ts";
import { SettingId } from "../../codecs/http2/settings.ts";
import { RpcError } from "../../lib/errors.ts";
import { decodeText } from "../../lib/io/text.ts";
import type { GrpcReader } from "./grpc.ts";

/** Largest header block that is put together, in octets. */
const MAX_BLOCK_BYTES = 256 * 1024;

const TYPE_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(FrameType).map(([name, type]) => [type, name]));
const SETTING_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(SettingId).map(([name, id]) => [id, name]));

/** What is known of a frame. */
export interface ReadFrame {
  /** Its type and stream. */
  readonly summary: string;
  /** Its parts. */
  readonly details: Readonly<Record<string, unknown>>;
  /** What is wrong with it. */
  readonly error?: string;
}

/** Reads the frames of one direction. */
export class Http2Reader {
  readonly #frame = new Frame();
  #headers: HpackDecoder | undefined = new HpackDecoder({ maxListBytes: MAX_BLOCK_BYTES, spaceAllowed: true });
  #block: Uint8Array | undefined;
  /** True if the header that is being put together is the last of its stream. */
  #last = false;
  readonly #grpc: GrpcReader;

  /** Hands content of gRPC to `grpc`. */
  constructor(grpc: GrpcReader) {
    this.#grpc = grpc;
    // what the other side allows is not looked at: as much as there can be
    this.#headers?.limitTable(0x7fff_ffff);
  }

  /** Octets of the frame at the beginning of `bytes`, by its first nine. */
  static bytesOf(bytes: Uint8Array): number {
    return frameBytes(bytes, 0);
  }

  /** Reads the frame that fills `bytes`. Never throws. */
  read(bytes: Uint8Array): ReadFrame {
    const frame = this.#frame;
    let error: string | undefined;
    try {
      decodeFrame(bytes, 0, bytes.length, frame);
      if (frame.fault !== 0) error = `the frame breaks a rule of its stream: ${errorName(frame.fault)}`;
    } catch (reason) {
      error = RpcError.from(reason).message;
    }
    const type = TYPE_NAMES.get(frame.type) ?? `type ${frame.type}`;
    const flags = flagNames(frame);
    const details: Record<string, unknown> = {
      type,
      stream: frame.streamId,
      length: frame.length,
      ...(flags.length === 0 ? {} : { flags }),
    };
    if (error === undefined) {
      try {
        this.#addParts(bytes, details);
      } catch (reason) {
        error = RpcError.from(reason).message;
      }
    }
    const summary = `${type}${frame.streamId === 0 ? "" : ` stream ${frame.streamId}`}${
      flags.map((f) => ` ${f}`).join("")
    }`;
    return { summary, details, ...(error === undefined ? {} : { error }) };
  }

  #addParts(bytes: Uint8Array, details: Record<string, unknown>): void {
    const { type, start, end, streamId } = this.#frame;
    switch (type) {
      case FrameType.DATA: {
        const messages = this.#grpc.data(streamId, bytes.subarray(start, end));
        if (messages !== undefined && messages.length > 0) details.messages = messages;
        if (this.#frame.has(Flag.END_STREAM)) this.#grpc.end(streamId);
        return;
      }
      case FrameType.HEADERS:
      case FrameType.PUSH_PROMISE:
      case FrameType.CONTINUATION:
        return this.#addHeaders(bytes, details);
      case FrameType.SETTINGS:
        for (let at = start; at + 6 <= end; at += 6) {
          const id = (bytes[at]! << 8) | bytes[at + 1]!;
          const value = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 2);
          details[SETTING_NAMES.get(id) ?? `setting ${id}`] = value;
        }
        return;
      case FrameType.WINDOW_UPDATE:
        details.increment = this.#frame.increment;
        return;
      case FrameType.RST_STREAM:
        this.#grpc.end(streamId);
        details.code = errorName(this.#frame.code);
        return;
      case FrameType.GOAWAY:
        details.lastStream = this.#frame.otherId;
        details.code = errorName(this.#frame.code);
        if (end > start) details.debug = decodeText(bytes, start, end);
    }
  }

  #addHeaders(bytes: Uint8Array, details: Record<string, unknown>): void {
    const { type, start, end, streamId } = this.#frame;
    if (type === FrameType.HEADERS) this.#last = this.#frame.has(Flag.END_STREAM);
    const before = this.#block ?? new Uint8Array(0);
    if (before.length + end - start > MAX_BLOCK_BYTES) {
      this.#headers = undefined;
      this.#block = undefined;
      throw new RpcError(
        "protocol",
        `header block of over ${MAX_BLOCK_BYTES} octets: headers are not decoded any more`,
      );
    }
    const block = new Uint8Array(before.length + end - start);
    block.set(before);
    block.set(bytes.subarray(start, end), before.length);
    this.#block = block;
    if (!this.#frame.has(Flag.END_HEADERS)) return;
    this.#block = undefined;
    if (this.#headers === undefined) return;
    try {
      const list = this.#headers.decode(block, 0, block.length);
      details.headers = [...list].map(([name, value]) => `${name}: ${value}`);
      if (list.fault !== undefined) details.fault = list.fault;
      if (type === FrameType.PUSH_PROMISE) return;
      this.#grpc.headers(streamId, new Map(list));
      if (this.#last) this.#grpc.end(streamId);
    } catch (reason) {
      this.#headers = undefined;
      throw new RpcError("protocol", `${RpcError.from(reason).message}: headers are not decoded any more`);
    }
  }
}

function flagNames(frame: Frame): string[] {
  const { type } = frame;
  const isHeaders = type === FrameType.HEADERS;
  const names: [number, string, boolean][] = [
    [Flag.ACK, "ACK", type === FrameType.SETTINGS || type === FrameType.PING],
    [Flag.END_STREAM, "END_STREAM", isHeaders || type === FrameType.DATA],
    [Flag.END_HEADERS, "END_HEADERS", isHeaders || type === FrameType.PUSH_PROMISE || type === FrameType.CONTINUATION],
    [Flag.PADDED, "PADDED", isHeaders || type === FrameType.DATA || type === FrameType.PUSH_PROMISE],
    [Flag.PRIORITY, "PRIORITY", isHeaders],
  ];
  return names.filter(([flag, , applies]) => applies && frame.has(flag)).map(([, name]) => name);
}
