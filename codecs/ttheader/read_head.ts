/**
 * What the info blocks of a frame say of its message, read in one pass: only what is there costs anything.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { parseTarget } from "../../lib/io/endpoint.ts";
import { decodeText } from "../../lib/io/text.ts";
import { Metadata } from "../../lib/rpc/metadata.ts";
import { sameBytes } from "../../lib/rpc/method_names.ts";
import { FrameHead } from "../message/frame_head.ts";
import { crc32c } from "./crc32c.ts";
import type { FrameParts } from "./frame.ts";
import { decodeInfo, type InfoVisitor, readInfo } from "./info.ts";
import { IntKey, StrKey } from "./keys.ts";
import { metadataOf, statusOf } from "./stream/stream_headers.ts";

const NOTHING = new Uint8Array(0);

/** Reads the heads of one connection's frames. */
export class HeadReader implements InfoVisitor {
  /** What the frame read last says. */
  readonly head: FrameHead = new FrameHead();
  readonly #side: "call" | "answer";
  #bytes: Uint8Array = NOTHING;
  /** True if there are pairs beside the service's name. */
  #more = false;
  /** A peer names itself and its method the same in call after call. */
  readonly #caller = new LastText();
  readonly #callerMethod = new LastText();

  /** For frames that hold calls, or answers. */
  constructor(side: "call" | "answer") {
    this.#side = side;
  }

  /** Reads the head of a whole frame. Throws an `RpcError` of kind `"protocol"` if its info is not well formed. */
  read(bytes: Uint8Array, parts: FrameParts): void {
    this.head.clear();
    this.#bytes = bytes;
    this.#more = false;
    readInfo(bytes, parts.infoStart, parts.payloadStart, this);
    if (this.#more) this.#readPairs(bytes, parts);
    this.#bytes = NOTHING;
  }

  pair(keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    const bytes = this.#bytes;
    // "isn": the only pair of most calls, and no other key is like it.
    if (
      keyEnd - keyStart === 3 && bytes[keyStart] === 0x69 && bytes[keyStart + 1] === 0x73 &&
      bytes[keyStart + 2] === 0x6e
    ) {
      this.head.serviceStart = valueStart;
      this.head.serviceEnd = valueEnd;
    } else this.#more = true;
  }

  int(key: number, valueStart: number, valueEnd: number): void {
    if (valueStart === valueEnd) return;
    switch (key) {
      case IntKey.FROM_SERVICE:
        this.head.caller = this.#caller.of(this.#bytes, valueStart, valueEnd);
        break;
      case IntKey.FROM_METHOD:
        this.head.callerMethod = this.#callerMethod.of(this.#bytes, valueStart, valueEnd);
        break;
      case IntKey.RPC_TIMEOUT:
        this.head.timeoutMs = millisecondsOf(this.#bytes, valueStart, valueEnd);
        break;
    }
  }

  token(): void {
    this.#more = true;
  }

  #readPairs(bytes: Uint8Array, { infoStart, payloadStart, end }: FrameParts): void {
    const { head } = this;
    const { strings } = decodeInfo(bytes, infoStart, payloadStart);
    head.closing = strings.get(StrKey.CONN_READY_TO_RESET) === "1";
    const sum = strings.get(StrKey.CRC32C);
    if (sum !== undefined && sum !== "") head.invalid = wrongSum(sum, crc32c(bytes, payloadStart, end));
    if (this.#side === "answer") {
      const status = statusOf(strings);
      if (status?.kind === "business") head.status = status;
      else head.invalid ??= status;
      head.meta = answerMeta(strings);
      return;
    }
    readPairs(strings, head);
  }
}

/** Takes from the pairs of a call what `head` has room for. */
export function readPairs(strings: ReadonlyMap<string, string>, head: FrameHead): void {
  head.meta = metadataOf(strings);
  const address = strings.get(StrKey.REMOTE_ADDRESS);
  if (address !== undefined) head.peer = endpointOf(address);
}

/** Text that is likely to be the one of the call before. */
class LastText {
  #bytes = NOTHING;
  #text = "";

  of(bytes: Uint8Array, start: number, end: number): string {
    if (sameBytes(this.#bytes, bytes, start, end)) return this.#text;
    this.#bytes = bytes.slice(start, end);
    return this.#text = decodeText(this.#bytes);
  }
}

/** What an answer brings back: Kitex hands on every pair. */
function answerMeta(strings: ReadonlyMap<string, string>): Metadata {
  const meta = new Metadata();
  for (const [key, value] of strings) if (key !== StrKey.CRC32C) meta.backward.set(key, value);
  return meta;
}

/** Decimal digits; what is no number, none over 0, or more than a number can tell, counts as not said. */
function millisecondsOf(bytes: Uint8Array, start: number, end: number): number {
  let ms = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return Infinity;
    ms = ms * 10 + digit;
  }
  return ms > 0 && ms <= Number.MAX_SAFE_INTEGER ? ms : Infinity;
}

function wrongSum(said: string, found: number): RpcError | undefined {
  const hex = found.toString(16).padStart(8, "0");
  if (said.toLowerCase() === hex) return undefined;
  return new RpcError("protocol", `payload checksum is ${hex}, the header says ${said.slice(0, 16)}`);
}

/** A proxy says what it saw; if that is no address, the connection's own stays. */
function endpointOf(address: string): ReturnType<typeof parseTarget> | undefined {
  try {
    return parseTarget(address);
  } catch {
    return undefined; // of no use, and no reason to refuse the call
  }
}
