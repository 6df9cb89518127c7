/**
 * Where a Thrift message begins and ends on a connection: framed by a length, or found by reading it.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { Limits } from "./limits.ts";
import type { MessageScanner, Payload } from "./payload.ts";

/** How messages follow each other. */
export interface Framing {
  /** `"framed"` or `"buffered"`. */
  readonly name: string;
  /** Do the first bytes begin a message of `payload` in this framing? `null` if there are too few to tell. */
  detect(bytes: Uint8Array, payload: Payload): boolean | null;
  /** A reader for one connection. */
  reader(payload: Payload, limits: Limits): FrameReader;
  /** Begins a message at `out.pos`; gives what `finish` needs. */
  begin(out: WriteBuffer): number;
  /** Ends the message that `begin` began there. Throws an `RpcError` of kind `"invalid"` if it is too large. */
  finish(out: WriteBuffer, start: number, limits: Limits): void;
}

/** Finds whole messages in the bytes of one connection. */
export interface FrameReader {
  /** First byte of the message found. */
  readonly start: number;
  /** Where it ends. */
  readonly end: number;
  /** How many bytes are needed from where `find` looked, when it found no whole message. */
  readonly need: number;
  /** First byte after a frame's length that is here, when `find` threw: what can still be read of a refused message. */
  readonly body: number;
  /**
   * Looks for a whole message at `from`. The bytes there are the same at the next try, with more behind them.
   * Throws an `RpcError` of kind `"protocol"` if there can never be one.
   */
  find(bytes: Uint8Array, from: number): boolean;
}

const LENGTH_BYTES = 4;

/** Messages behind a 4-byte big-endian length: Thrift's framed transport. */
export const lengthPrefixed: Framing = {
  name: "framed",
  detect(bytes, payload) {
    if (bytes.length <= LENGTH_BYTES) return bytes[0]! > 0x3f ? false : null;
    return bytes[0]! > 0x3f ? false : payload.detect(bytes.subarray(LENGTH_BYTES));
  },
  reader: (_, limits) => new LengthReader(limits.maxFrameBytes),
  begin(out) {
    const start = out.pos;
    out.reserve(LENGTH_BYTES);
    out.pos += LENGTH_BYTES;
    return start;
  },
  finish(out, start, limits) {
    const length = out.pos - start - LENGTH_BYTES;
    if (length > limits.maxFrameBytes) {
      throw new RpcError("invalid", `message of ${length} bytes exceeds the frame limit of ${limits.maxFrameBytes}`);
    }
    out.view.setUint32(start, length);
  },
};

/** Messages one after the other: Thrift's buffered (unframed) transport. */
export const bare: Framing = {
  name: "buffered",
  detect: (bytes, payload) => payload.detect(bytes),
  reader: (payload, limits) => new ScanReader(payload.scanner(limits), limits.maxMessageBytes),
  begin: (out) => out.pos,
  finish(out, start, limits) {
    const length = out.pos - start;
    if (length > limits.maxMessageBytes) {
      throw new RpcError("invalid", `message of ${length} bytes exceeds ${limits.maxMessageBytes}`);
    }
  },
};

class LengthReader implements FrameReader {
  start = 0;
  end = 0;
  need = LENGTH_BYTES;
  body = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  find(bytes: Uint8Array, from: number): boolean {
    const here = bytes.length - from;
    if (here < LENGTH_BYTES) {
      this.need = LENGTH_BYTES;
      return false;
    }
    const length = (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!;
    this.body = from + LENGTH_BYTES;
    if (length <= 0) throw new RpcError("protocol", `frame length ${length} is not positive`);
    if (length > this.#maxBytes) throw new RpcError("protocol", `frame of ${length} bytes exceeds ${this.#maxBytes}`);
    this.need = LENGTH_BYTES + length;
    if (here < this.need) return false;
    this.start = this.body;
    this.end = this.start + length;
    return true;
  }
}

class ScanReader implements FrameReader {
  start = 0;
  end = 0;
  need = 1;
  body = 0;
  readonly #scanner: MessageScanner;
  readonly #maxBytes: number;

  constructor(scanner: MessageScanner, maxBytes: number) {
    this.#scanner = scanner;
    this.#maxBytes = maxBytes;
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
