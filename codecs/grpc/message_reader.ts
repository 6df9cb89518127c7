/**
 * Messages out of a stream's content: a byte that says whether the message is compressed, four for its length, its bytes.
 *
 * A message that lies whole in one frame is read where it lies. Others are collected, and refused by their length before
 * anything is kept of them.
 *
 * Spec: gRPC's PROTOCOL-HTTP2, "Length-Prefixed-Message".
 *
 * @module
 */
import { ByteQueue } from "../../lib/io/byte_queue.ts";
import { GrpcError, GrpcStatus } from "./status.ts";

/** Octets before each message. */
export const PREFIX_BYTES = 5;

/** Takes messages. */
export interface MessageSink {
  /** A message lies in `bytes` from `start` to `end`, valid during the call. */
  message(bytes: Uint8Array, start: number, end: number, compressed: boolean): void;
}

/** Reads the messages of one direction of a stream. */
export class MessageReader {
  readonly #maxBytes: number;
  readonly #sink: MessageSink;
  #rest: ByteQueue | undefined;

  /** Refuses messages of more than `maxBytes`. */
  constructor(maxBytes: number, sink: MessageSink) {
    this.#maxBytes = maxBytes;
    this.#sink = sink;
  }

  /** True if a message has begun that is not all here. */
  get incomplete(): boolean {
    return this.#rest !== undefined && this.#rest.length > 0;
  }

  /** Takes content; gives what is whole to the sink. Throws a `GrpcError` for what is no message, or too large a one. */
  read(bytes: Uint8Array, start: number, end: number): void {
    const rest = this.#rest;
    if (rest === undefined || rest.length === 0) {
      const at = this.#take(bytes, start, end);
      if (at < end) (this.#rest ??= new ByteQueue()).append(bytes, at, end);
      return;
    }
    rest.append(bytes, start, end);
    const { start: from } = rest;
    rest.drop(this.#take(rest.bytes, from, rest.end) - from);
  }

  #take(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (end - at >= PREFIX_BYTES) {
      const flag = bytes[at]!;
      const length = ((bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!) >>> 0;
      if (flag > 1) throw new GrpcError(GrpcStatus.INTERNAL, `a message begins with ${flag}, which is no flag`);
      if (length > this.#maxBytes) throw tooLarge(length, this.#maxBytes);
      if (end - at - PREFIX_BYTES < length) break;
      const from = at + PREFIX_BYTES;
      at = from + length;
      this.#sink.message(bytes, from, at, flag === 1);
    }
    return at;
  }
}

/** The error of a message that is too large, in the words that Go's peers look for. */
export function tooLarge(bytes: number, most: number): GrpcError {
  return new GrpcError(GrpcStatus.RESOURCE_EXHAUSTED, `received message larger than max (${bytes} vs. ${most})`);
}
