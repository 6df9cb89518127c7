/**
 * Thrift messages one after the other: the buffered (unframed) transport. Where one ends is found by reading it.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Bindings } from "../message/bindings.ts";
import { NO_HEAD } from "../message/frame_head.ts";
import { type FrameReader, type Framing, limitFor } from "../message/framing.ts";
import type { MessageScanner } from "./payload.ts";

/**
 * The framing of the payload that `bindings` belong to; `scanner` makes what finds the end of its messages on one connection.
 * `maxMessageBytes` bounds what is read and written.
 */
export function bare(bindings: Bindings, scanner: () => MessageScanner, maxMessageBytes: number): Framing {
  const framing: Framing = {
    name: "buffered",
    carriesStatus: false,
    detect: (bytes) => bindings.payload.detect(bytes),
    reader: () => new ScanReader(framing, bindings, scanner(), maxMessageBytes),
    bindingsFor: () => bindings,
    beginCall: (out) => out.pos,
    beginReply: (out) => out.pos,
    finish(out, start, type) {
      const length = out.pos - start;
      if (length > limitFor(type, maxMessageBytes)) {
        throw new RpcError("invalid", `message of ${length} bytes exceeds ${maxMessageBytes}`);
      }
    },
  };
  return framing;
}

class ScanReader implements FrameReader {
  start = 0;
  end = 0;
  need = 1;
  body = 0;
  readonly bindings: Bindings;
  readonly framing: Framing;
  readonly form = 0;
  readonly anyOrder = false;
  readonly head = NO_HEAD;
  readonly #firstByte: number | undefined;
  readonly #scanner: MessageScanner;
  readonly #maxBytes: number;

  constructor(framing: Framing, bindings: Bindings, scanner: MessageScanner, maxBytes: number) {
    this.framing = framing;
    this.bindings = bindings;
    this.#firstByte = bindings.payload.firstByte;
    this.#scanner = scanner;
    this.#maxBytes = maxBytes;
  }

  fits(bytes: Uint8Array, from: number): boolean {
    return this.#firstByte === undefined || bytes[from] === this.#firstByte;
  }

  find(bytes: Uint8Array, from: number): boolean {
    this.body = from;
    const end = this.#scanner.scan(bytes, from);
    const length = (end < 0 ? bytes.length : end) - from;
    if (length > this.#maxBytes) throw new RpcError("protocol", `message of over ${this.#maxBytes} bytes`);
    if (end < 0) {
      this.need = length + 1;
      return false;
    }
    this.#scanner.reset();
    this.start = from;
    this.end = end;
    return true;
  }
}
