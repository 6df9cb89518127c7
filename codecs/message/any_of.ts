/**
 * Several framings on one connection: each message is told on its own, as Kitex's servers do.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Bindings } from "./bindings.ts";
import { type FrameHead, NO_HEAD } from "./frame_head.ts";
import type { FrameReader, Framing } from "./framing.ts";

/** So many first bytes tell every framing. */
const DECISIVE_BYTES = 8;

/** A framing that takes what any of `framings` takes; of several, the first. Clients use the first alone. */
export function anyOf(name: string, framings: readonly [Framing, ...Framing[]]): Framing {
  const [first] = framings;
  return {
    name,
    carriesStatus: first.carriesStatus,
    detect(bytes) {
      let undecided = false;
      for (const framing of framings) {
        const claim = framing.detect(bytes);
        if (claim === true) return true;
        if (claim === null) undecided = true;
      }
      return undecided ? null : false;
    },
    reader: (side) => new AnyReader(name, framings, side),
    bindingsFor: (call) => first.bindingsFor(call),
    beginCall: (out, call, binding, seqid, anyOrder) => first.beginCall(out, call, binding, seqid, anyOrder),
    beginReply: (out, form, reply) => first.beginReply(out, form, reply),
    finish: (out, start, type) => first.finish(out, start, type),
    farewell: (out) => first.farewell?.(out) ?? false,
  };
}

class AnyReader implements FrameReader {
  readonly #name: string;
  readonly #framings: readonly Framing[];
  readonly #readers: readonly FrameReader[];
  #found: FrameReader;
  #need = 1;
  /** True while no framing takes the bytes. */
  #lost = false;

  constructor(name: string, framings: readonly [Framing, ...Framing[]], side: "call" | "answer") {
    this.#name = name;
    this.#framings = framings;
    this.#readers = framings.map((framing) => framing.reader(side));
    this.#found = this.#readers[0]!;
  }

  get start(): number {
    return this.#found.start;
  }
  get end(): number {
    return this.#found.end;
  }
  get need(): number {
    return this.#need;
  }
  get body(): number {
    return this.#lost ? Infinity : this.#found.body;
  }
  get bindings(): Bindings {
    return this.#found.bindings;
  }
  get framing(): Framing {
    return this.#found.framing;
  }
  get form(): number {
    return this.#found.form;
  }
  get anyOrder(): boolean {
    return this.#found.anyOrder;
  }
  get head(): Readonly<FrameHead> {
    return this.#lost ? NO_HEAD : this.#found.head;
  }

  fits(bytes: Uint8Array, from: number): boolean {
    return this.#readers.some((reader) => reader.fits(bytes, from));
  }

  find(bytes: Uint8Array, from: number): boolean {
    if (bytes.length - from < DECISIVE_BYTES) {
      this.#need = DECISIVE_BYTES;
      return false;
    }
    // What came last comes next, nearly always.
    if (!this.#found.fits(bytes, from)) this.#choose(bytes, from);
    const found = this.#found.find(bytes, from);
    this.#need = this.#found.need;
    return found;
  }

  #choose(bytes: Uint8Array, from: number): void {
    const at = this.#framings.findIndex((framing) => framing.detect(bytes.subarray(from)) === true);
    this.#lost = at < 0;
    if (at < 0) {
      const shown = Array.from(
        bytes.subarray(from, from + DECISIVE_BYTES),
        (byte) => byte.toString(16).padStart(2, "0"),
      );
      throw new RpcError("protocol", `no message of ${this.#name} begins with 0x${shown.join("")}`);
    }
    this.#found = this.#readers[at]!;
  }
}
