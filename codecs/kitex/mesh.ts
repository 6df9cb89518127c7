/**
 * Messages behind a mesh header, as an older proxy sends them: read by what follows it, answered without one.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Bindings } from "../message/bindings.ts";
import { FrameHead } from "../message/frame_head.ts";
import type { FrameReader, Framing } from "../message/framing.ts";
import { decodeMeshHeader, isMeshHeader } from "../ttheader/mesh_header.ts";
import { readPairs } from "../ttheader/read_head.ts";

/** The framing, over the one of the messages that follow the header. Clients cannot use it. */
export function meshHeader(inner: Framing): Framing {
  return {
    ...inner,
    name: "mesh header",
    detect: (bytes) => bytes[0] !== 0xff ? false : bytes.length < 2 ? null : isMeshHeader(bytes),
    reader: (side) => new MeshReader(inner.reader(side)),
  };
}

class MeshReader implements FrameReader {
  readonly head: Readonly<FrameHead>;
  readonly #head = new FrameHead();
  readonly #inner: FrameReader;
  #need = 4;
  /** Length of the header that was read, while the message behind it is not all there; else 0. It is read once. */
  #headerBytes = 0;

  constructor(inner: FrameReader) {
    this.#inner = inner;
    this.head = this.#head;
  }

  get start(): number {
    return this.#inner.start;
  }
  get end(): number {
    return this.#inner.end;
  }
  get need(): number {
    return this.#need;
  }
  get body(): number {
    return this.#inner.body;
  }
  get bindings(): Bindings {
    return this.#inner.bindings;
  }
  get framing(): Framing {
    return this.#inner.framing;
  }
  get form(): number {
    return this.#inner.form;
  }
  get anyOrder(): boolean {
    return this.#inner.anyOrder;
  }

  fits(bytes: Uint8Array, from: number): boolean {
    return bytes.length - from < 2 || isMeshHeader(bytes, from);
  }

  find(bytes: Uint8Array, from: number): boolean {
    const length = this.#headerBytes === 0 ? this.#readHeader(bytes, from) : this.#headerBytes;
    if (length === 0) return false;
    this.#headerBytes = 0; // unless there is more to come, the next one is another
    const found = this.#inner.find(bytes, from + length);
    this.#need = length + this.#inner.need;
    if (!found) this.#headerBytes = length;
    return found;
  }

  /** Reads the header and gives its length; 0 if it is not all there. */
  #readHeader(bytes: Uint8Array, from: number): number {
    const header = decodeMeshHeader(bytes, from);
    if (header === null) {
      const sized = bytes.length - from >= 4;
      this.#need = sized ? 4 + ((bytes[from + 2]! << 8) | bytes[from + 3]!) : 4;
      return 0;
    }
    if (isMeshHeader(bytes, header.end)) throw new RpcError("protocol", "a mesh header follows a mesh header");
    this.#head.clear();
    readPairs(header.strings, this.#head);
    return header.end - from;
  }
}
