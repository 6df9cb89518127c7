/**
 * The content of a request out of the bytes of its connection: so many of them, or chunks.
 *
 * Spec: RFC 9112 §6, §7.1.
 *
 * @module
 */
import type { FieldList } from "../../lib/http/fields.ts";
import { HttpFault } from "./fault.ts";
import { type Framing, HeadScanner, readTrailers } from "./head.ts";
import type { Http1Limits } from "./options.ts";

/** Takes content. */
export interface ContentSink {
  /** Content lies in `bytes` from `start` to `end`, valid during the call. */
  push(bytes: Uint8Array, start: number, end: number): void;
  /** It is all there. */
  end(trailers?: FieldList): void;
}

/** Longest line of a chunk's size, extensions included; nobody needs those. */
const MAX_SIZE_LINE = 256;
const SIZE = /^([0-9A-Fa-f]{1,12})[ \t]*(;[\t\x20-\x7e\x80-\xff]*)?$/;
const LF = 0x0a;
const CR = 0x0d;

/** Reads the content of one request. */
export class ContentReader {
  readonly #sink: ContentSink;
  readonly #limits: Http1Limits;
  #state: "size" | "data" | "data end" | "trailers" | "over";
  readonly #chunked: boolean;
  /** Bytes left of the content or chunk. */
  #left: number;
  #total = 0;
  #trailers: HeadScanner | undefined;

  /** Content framed so. One of length 0 ends at once, in here. */
  constructor(framing: Framing, limits: Http1Limits, sink: ContentSink) {
    this.#sink = sink;
    this.#limits = limits;
    this.#chunked = framing === "chunked";
    this.#left = framing === "chunked" ? 0 : framing;
    this.#state = this.#chunked ? "size" : "data";
    if (framing === 0) this.#end();
  }

  /** True once all of it was read. */
  get over(): boolean {
    return this.#state === "over";
  }

  /** Takes what is content from `start` to `end`; gives where it stopped: at the end of the content, or before what is incomplete. Throws an `HttpFault`. */
  read(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (this.#state !== "over") {
      const next = this.#step(bytes, at, end);
      if (next < 0) break;
      at = next;
    }
    return at;
  }

  /** One step; -1 if there is too little for it. */
  #step(bytes: Uint8Array, at: number, end: number): number {
    switch (this.#state) {
      case "data":
        return this.#data(bytes, at, end);
      case "size":
        return this.#size(bytes, at, end);
      case "data end":
        if (end - at < 2) return -1;
        if (bytes[at] !== CR || bytes[at + 1] !== LF) throw new HttpFault(400, "a chunk is longer than its size");
        this.#state = "size";
        return at + 2;
      default:
        return this.#readTrailers(bytes, at, end);
    }
  }

  #data(bytes: Uint8Array, at: number, end: number): number {
    const count = Math.min(this.#left, end - at);
    if (count === 0) return -1;
    this.#sink.push(bytes, at, at + count);
    this.#left -= count;
    if (this.#left === 0) {
      if (this.#chunked) this.#state = "data end";
      else this.#end();
    }
    return at + count;
  }

  #size(bytes: Uint8Array, at: number, end: number): number {
    const lf = bytes.subarray(at, Math.min(end, at + MAX_SIZE_LINE)).indexOf(LF);
    if (lf < 0) {
      if (end - at >= MAX_SIZE_LINE) throw new HttpFault(400, `chunk size of more than ${MAX_SIZE_LINE} bytes`);
      return -1;
    }
    if (lf === 0 || bytes[at + lf - 1] !== CR) throw new HttpFault(400, "a line ends without CR");
    const size = SIZE.exec(String.fromCharCode(...bytes.subarray(at, at + lf - 1)));
    if (size === null) throw new HttpFault(400, "malformed chunk size");
    this.#left = Number.parseInt(size[1]!, 16);
    this.#total += this.#left;
    const { maxBodyBytes } = this.#limits;
    if (this.#total > maxBodyBytes) throw new HttpFault(413, `content of more than ${maxBodyBytes} bytes`);
    this.#state = this.#left === 0 ? "trailers" : "data";
    return at + lf + 1;
  }

  #readTrailers(bytes: Uint8Array, at: number, end: number): number {
    const scanner = this.#trailers ??= new HeadScanner(this.#limits, false);
    const after = scanner.scan(bytes, at, end);
    if (after < 0) return -1;
    const trailers = readTrailers(bytes, at, after);
    this.#end(trailers.count === 0 ? undefined : trailers);
    return after;
  }

  #end(trailers?: FieldList): void {
    this.#state = "over";
    this.#sink.end(trailers);
  }
}
