/**
 * ZooKeeper's encoding, Jute: numbers in network order; texts, bytes and lists behind a length of four bytes, -1 for none.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { decodeText, encodeText } from "../../io/text.ts";
import { WriteBuffer } from "../../io/write_buffer.ts";

/** Writes one frame. */
export class JuteWriter {
  readonly #out = new WriteBuffer(128);

  constructor() {
    this.#out.pos = 4; // the frame's length
  }

  /** A truth value. */
  bool(value: boolean): this {
    const out = this.#out;
    out.reserve(1);
    out.bytes[out.pos++] = value ? 1 : 0;
    return this;
  }

  /** A number of 32 bits. */
  int(value: number): this {
    const out = this.#out;
    out.reserve(4);
    out.view.setInt32(out.pos, value);
    out.pos += 4;
    return this;
  }

  /** A number of 64 bits. */
  long(value: bigint): this {
    const out = this.#out;
    out.reserve(8);
    out.view.setBigInt64(out.pos, value);
    out.pos += 8;
    return this;
  }

  /** Bytes. */
  bytes(value: Uint8Array): this {
    this.int(value.length);
    const out = this.#out;
    out.reserve(value.length);
    out.bytes.set(value, out.pos);
    out.pos += value.length;
    return this;
  }

  /** Text. */
  text(value: string): this {
    return this.bytes(encodeText(value));
  }

  /** The whole frame. */
  frame(): Uint8Array {
    const out = this.#out;
    out.view.setInt32(0, out.pos - 4);
    return out.written();
  }
}

/** Reads one frame, which is borrowed. Throws an `RpcError` of kind `"protocol"` where the frame ends too early. */
export class JuteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  /** Reads a frame without its length. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** A number of 32 bits. */
  int(): number {
    return this.#view.getInt32(this.#take(4));
  }

  /** A number of 64 bits. */
  long(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  /** Bytes in memory of their own; none if there are none. */
  bytes(): Uint8Array {
    const length = Math.max(0, this.int());
    const at = this.#take(length);
    return this.#bytes.slice(at, at + length);
  }

  /** Text. */
  text(): string {
    const length = Math.max(0, this.int());
    const at = this.#take(length);
    return decodeText(this.#bytes, at, at + length);
  }

  /** A list of texts. */
  texts(): string[] {
    const count = Math.max(0, this.int());
    // Each has a length at least: what cannot be there is not made room for.
    if (count > (this.#bytes.length - this.#at) / 4) throw short(`a list of ${count}`);
    return Array.from({ length: count }, () => this.text());
  }

  /** Goes over so many bytes. */
  skip(count: number): void {
    this.#take(count);
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) throw short(`${count} bytes at ${at}`);
    this.#at = at + count;
    return at;
  }
}

function short(what: string): RpcError {
  return new RpcError("protocol", `an answer of ZooKeeper ends before ${what}`);
}
