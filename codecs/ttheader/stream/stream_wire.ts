/**
 * What all streams of a protocol share, and how one of them writes its frames.
 *
 * @module
 */
import type { RpcError } from "../../../lib/errors.ts";
import type { Connection } from "../../../lib/io/connection.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import type { MethodSchema, PayloadKind } from "../../../lib/schema/service.ts";
import type { Payload } from "../../thrift/payload.ts";
import { endFrame } from "../frame.ts";
import type { BudgetLimits } from "./receive_budget.ts";
import { SendGate } from "./send_gate.ts";
import { encodeFailure } from "./stream_error.ts";
import { beginStreamFrame, type FrameKeys, frameKeys, FrameType, methodBytes } from "./stream_frame.ts";
import type { StreamMessageCodec, StreamMethodCodec, StreamPayload } from "./stream_payload.ts";

/** Limits on streams. */
export interface StreamLimits extends BudgetLimits {
  /** Bytes of a frame, its length not counted; also of one that is written. Default 16 MiB. */
  readonly maxFrameBytes: number;
  /** Streams of one connection. A server counts those whose handler runs. Default 10,000. */
  readonly maxStreams: number;
  /** Bytes of the headers that the streams of one connection to a server may have come with. Default 16 MiB. */
  readonly maxHeaderBytes: number;
}

/** A method as streams need it. */
export interface StreamMethod extends StreamMethodCodec {
  /** Its name as UTF-8. */
  readonly name: Uint8Array;
  /** The integer keys of its frames. */
  readonly keys: FrameKeys;
  /** What frames say of its messages. */
  readonly protocolId: number;
}

/** What all sessions of a protocol share. */
export class StreamWire {
  readonly limits: StreamLimits;
  /** Errors are Thrift messages whatever the messages are. */
  readonly errors: Payload;
  /** One for all connections: a message is read in one turn. */
  readonly reader: ReadBuffer = new ReadBuffer();
  readonly #payloads: readonly StreamPayload[];
  readonly #methods = new Map<MethodSchema, StreamMethod>();

  /** The first of the payloads that can carry a service does. */
  constructor(payloads: readonly StreamPayload[], errors: Payload, limits: StreamLimits) {
    this.#payloads = payloads;
    this.errors = errors;
    this.limits = limits;
  }

  /** The kinds of services it carries. */
  get kinds(): PayloadKind[] {
    return this.#payloads.map(({ kind }) => kind);
  }

  /** The kinds of services that a frame may be for, the likeliest first. */
  kindsOf(protocolId: number): PayloadKind[] {
    const rank = (payload: StreamPayload): number => payload.protocolId === protocolId ? 0 : 1;
    return [...this.#payloads].sort((a, b) => rank(a) - rank(b)).map(({ kind }) => kind);
  }

  /** A method of a service of this kind. Throws an `RpcError` of kind `"invalid"` if a stream cannot carry it. */
  method(method: MethodSchema, kind: PayloadKind): StreamMethod {
    let found = this.#methods.get(method);
    if (found === undefined) {
      const payload = this.#payloads.find((payload) => payload.kind === kind)!;
      const { protocolId } = payload;
      const { name } = method;
      found = { ...payload.bind(method), name: methodBytes(name), keys: frameKeys(name), protocolId };
      this.#methods.set(method, found);
    }
    return found;
  }
}

/** Writes the frames of the streams of one connection. */
export class StreamWriter {
  readonly #conn: Connection;
  readonly #wire: StreamWire;
  readonly #gate: SendGate;

  /** Writes to `conn`. */
  constructor(conn: Connection, wire: StreamWire) {
    this.#conn = conn;
    this.#wire = wire;
    this.#gate = new SendGate(conn);
  }

  /**
   * Sends a message when the stream's turn comes, unless `over` says then that the stream is; `before` writes what goes
   * before it. A promise only where it has to wait. Throws or rejects with kind `"invalid"` if it cannot be encoded.
   */
  message(
    streamId: number,
    method: StreamMethod,
    codec: StreamMessageCodec,
    message: unknown,
    before: () => boolean,
  ): void | Promise<void> {
    if (this.#gate.shut) {
      return this.#gate.wait(() => {
        if (before()) this.#message(streamId, method, codec, message);
      });
    }
    if (!before()) return;
    this.#message(streamId, method, codec, message);
    this.#gate.wrote();
  }

  /** Sends a frame without a payload. Throws an `RpcError` of kind `"invalid"` for strings too long for a header. */
  frame(
    streamId: number,
    keys: FrameKeys,
    protocolId: number,
    type: number,
    strings?: ReadonlyMap<string, string>,
  ): void {
    this.#write((start) => beginStreamFrame(start, keys, type, streamId, protocolId, strings), () => {});
  }

  /** Sends a frame that tells of an error. */
  failure(
    streamId: number,
    method: Pick<StreamMethod, "name" | "keys" | "protocolId">,
    frameType: number,
    type: number,
    error: RpcError,
    strings?: ReadonlyMap<string, string>,
  ): void {
    const { name, keys, protocolId } = method;
    this.#write((w) => beginStreamFrame(w, keys, frameType, streamId, protocolId, strings), (w) => {
      encodeFailure(this.#wire.errors, w, name, streamId, type, error);
    });
  }

  #message(streamId: number, method: StreamMethod, codec: StreamMessageCodec, message: unknown): void {
    this.#write(
      (w) => beginStreamFrame(w, method.keys, FrameType.DATA, streamId, method.protocolId),
      (w) => codec.encode(w, message),
    );
  }

  #write(begin: (w: Connection["output"]) => number, payload: (w: Connection["output"]) => void): void {
    if (this.#conn.closed) return;
    const out = this.#conn.output;
    const from = out.pos;
    try {
      const start = begin(out);
      payload(out);
      endFrame(out, start, this.#wire.limits.maxFrameBytes);
    } catch (error) {
      out.pos = from;
      throw error;
    }
    this.#conn.commit();
  }
}
