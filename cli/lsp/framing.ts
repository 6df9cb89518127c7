/**
 * Messages of the Language Server Protocol on a stream of bytes: a header with `Content-Length`, an empty line, the body.
 *
 * Written here rather than taken from npm: it is a hundred lines, the known library is CommonJS over Node's streams, and
 * what counts is what it does with bytes that are no message.
 *
 * @module
 */

/** What comes out of the stream. */
export type Framed =
  | { readonly kind: "message"; readonly text: string }
  /** A message was longer than the limit; its bytes are dropped. */
  | { readonly kind: "too long"; readonly bytes: number }
  /** Bytes that are no header were dropped, up to the next one that is. */
  | { readonly kind: "garbage"; readonly bytes: number };

/** Longest header. */
const MAX_HEADER_BYTES = 4096;
const HEADER_START = "content-length:";

/** Takes messages out of chunks of bytes. Holds one unfinished message at most. */
export class MessageReader {
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder();
  #chunks: Uint8Array[] = [];
  #held = 0;
  /** Bytes of the body that is being read; `undefined` while a header is. */
  #bodyBytes: number | undefined;
  /** Bytes of a body that is too long, still to be dropped. */
  #dropping = 0;

  /** Takes bodies of up to `maxBytes`. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes a chunk; gives what is complete now. */
  push(chunk: Uint8Array): Framed[] {
    const out: Framed[] = [];
    if (this.#dropping > 0) {
      const dropped = Math.min(this.#dropping, chunk.length);
      this.#dropping -= dropped;
      chunk = chunk.subarray(dropped);
    }
    if (chunk.length === 0) return out;
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    // a body in many chunks is put together once, when it is all there
    while (this.#held >= (this.#bodyBytes ?? 1)) {
      if (this.#bodyBytes !== undefined) {
        const body = this.#take(this.#bodyBytes);
        this.#bodyBytes = undefined;
        out.push({ kind: "message", text: this.#decoder.decode(body) });
      } else if (!this.#header(out)) break;
    }
    return out;
  }

  /** Reads a header; false if there is none yet. */
  #header(out: Framed[]): boolean {
    const bytes = this.#take(this.#held);
    const text = latin1(bytes.subarray(0, MAX_HEADER_BYTES));
    const blank = /^\r?\n|\r?\n\r?\n/.exec(text);
    const end = blank === null ? -1 : blank.index + blank[0].length;
    const length = blank === null ? undefined : contentLength(text.slice(0, end));
    if (length !== undefined) {
      this.#giveBack(bytes.subarray(end));
      if (length <= this.#maxBytes) this.#bodyBytes = length;
      else {
        out.push({ kind: "too long", bytes: length });
        this.#dropping = length;
        const rest = this.#take(Math.min(this.#held, length));
        this.#dropping -= rest.length;
      }
      return true;
    }
    if (blank === null && text.length < MAX_HEADER_BYTES && mayBecomeHeader(text)) {
      this.#giveBack(bytes);
      return false;
    }
    // an empty line between messages is no harm
    const next = text.toLowerCase().indexOf(HEADER_START, 1);
    const dropped = next > 0 ? next : end > 0 ? end : keepTail(text);
    this.#giveBack(bytes.subarray(dropped));
    if (text.slice(0, dropped).trim() !== "") out.push({ kind: "garbage", bytes: dropped });
    return dropped > 0;
  }

  #take(bytes: number): Uint8Array {
    let [first = new Uint8Array(0)] = this.#chunks;
    if (this.#chunks.length > 1) {
      first = new Uint8Array(this.#held);
      let at = 0;
      for (const chunk of this.#chunks) {
        first.set(chunk, at);
        at += chunk.length;
      }
    }
    this.#chunks = [];
    this.#held = 0;
    this.#giveBack(first.subarray(bytes));
    return first.subarray(0, bytes);
  }

  #giveBack(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.unshift(bytes);
    this.#held += bytes.length;
  }
}

/** A message as bytes. */
export function frameMessage(message: unknown): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const head = new TextEncoder().encode(`Content-Length: ${body.length}\r\n\r\n`);
  const framed = new Uint8Array(head.length + body.length);
  framed.set(head);
  framed.set(body, head.length);
  return framed;
}

function contentLength(header: string): number | undefined {
  let length: number | undefined;
  for (const line of header.split(/\r?\n/)) {
    if (line === "") continue;
    const field = /^([\w-]+)[ \t]*:(.*)$/.exec(line);
    if (field === null) return undefined;
    if (field[1]?.toLowerCase() !== "content-length") continue;
    const value = field[2]?.trim() ?? "";
    if (!/^\d{1,15}$/.test(value)) return undefined;
    length = Number(value);
  }
  return length;
}

/** Could more bytes make a header of it? */
function mayBecomeHeader(text: string): boolean {
  return /^(?:[\w-]{0,40}|[\w-]+[ \t]*:[^\r\n]*\r?|(?:[\w-]+[ \t]*:[^\r\n]*\r?\n)+(?:[\w-]{0,40}|[\w-]+[ \t]*:[^\r\n]*)\r?)$/
    .test(text) ||
    text === "\r";
}

/** How much can be dropped without cutting a header that begins at the end. */
function keepTail(text: string): number {
  for (let kept = Math.min(HEADER_START.length - 1, text.length - 1); kept > 0; kept--) {
    if (HEADER_START.startsWith(text.slice(text.length - kept).toLowerCase())) return text.length - kept;
  }
  return text.length;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
