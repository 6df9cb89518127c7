/**
 * A chain of byte nodes, written at one end and read at the other, that shares memory instead of copying it.
 *
 * Three regions follow each other: read, readable (flushed), and written but not flushed. What `next`, `peek` and
 * `until` hand out lies in the nodes themselves and stays valid until `release`. Everything here is synchronous: `Reader`
 * and `Writer` add waiting and sending.
 *
 * Above 500 lines because the two ends share the nodes' invariants, which a cut would expose.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { BufferPool } from "./buffer_pool.ts";
import { LINK_BYTES, LinkNode } from "./link_node.ts";

/** Owned chunks up to this are copied: asking for their memory alone costs as much. */
const LINK_CHUNK_BYTES = 512;
const SMALL_BLOCK = 4096;
const LARGE_BLOCK = 65536;
const EMPTY: Uint8Array = new Uint8Array(0);
const TEXT_ENCODER = new TextEncoder();
const TEXT_DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes in a chain; one reader and one writer. */
export class LinkBuffer {
  readonly #pool: BufferPool;
  /** First node not released. */
  #head: LinkNode | undefined;
  /** LinkNode that the next byte is read from; `#head` and those before it are consumed. */
  #reading: LinkNode | undefined;
  /** First node that may hold bytes not flushed. */
  #flushing: LinkNode | undefined;
  /** Last node. */
  #tail: LinkNode | undefined;
  #length = 0;
  #mallocLength = 0;
  /** Joined copies handed out by `next`, which `release` takes back. */
  #copies: LinkNode[] | undefined;
  /** What `peek` joined: the first `#peekedLength` bytes that are readable now. */
  #peeked: Uint8Array | undefined;
  #peekedLength = 0;

  /** Begins empty; blocks come from `pool` and go back there. Default: a pool of its own. */
  constructor(pool: BufferPool = new BufferPool()) {
    this.#pool = pool;
  }

  /** How many bytes can be read. */
  get len(): number {
    return this.#length;
  }

  /** How many bytes are written and not flushed. */
  get mallocLen(): number {
    return this.#mallocLength;
  }

  // Reading. Each throws an `RpcError` of kind `invalid` when fewer bytes are there than asked for.

  /** Reads `n` bytes, in place if they lie in one node. Valid until `release`. */
  next(n: number): Uint8Array {
    if (n <= 0) return EMPTY;
    this.#check(n);
    const node = this.#firstReadable();
    if (node.flushed - node.read >= n) {
      const from = node.read;
      node.read += n;
      this.#advanced(n);
      return node.view(from, from + n);
    }
    const copy = this.#takeCopy(n);
    this.#copyOut(copy, n, 0);
    this.#drop(n);
    return copy;
  }

  /** Like `next` without consuming. Valid until `release`; also across consumption. */
  peek(n: number): Uint8Array {
    if (n <= 0) return EMPTY;
    this.#check(n);
    const node = this.#firstReadable();
    if (node.flushed - node.read >= n) return node.view(node.read, node.read + n);
    return this.#peekJoined(n);
  }

  /** Drops `n` bytes. */
  skip(n: number): void {
    if (n <= 0) return;
    this.#check(n);
    this.#drop(n);
  }

  /** Offset of the first `byte` at or after offset `from`, or -1. */
  indexOf(byte: number, from = 0): number {
    let base = 0;
    for (let node = this.#reading; node !== undefined; node = node.next) {
      const length = node.flushed - node.read;
      if (length > 0 && from < base + length) {
        const at = node.bytes.subarray(0, node.flushed).indexOf(byte, node.read + Math.max(from - base, 0));
        if (at >= 0) return base + at - node.read;
      }
      base += length;
    }
    return -1;
  }

  /** Reads `n` bytes as UTF-8; wrong sequences become U+FFFD. */
  readString(n: number): string {
    if (n <= 0) return "";
    this.#check(n);
    const node = this.#firstReadable();
    if (node.flushed - node.read < n) return TEXT_DECODER.decode(this.readBinary(n));
    const text = TEXT_DECODER.decode(node.bytes.subarray(node.read, node.read + n));
    node.read += n;
    this.#advanced(n);
    return text;
  }

  /** Reads `n` bytes into an array of the caller's own. */
  readBinary(n: number): Uint8Array {
    if (n <= 0) return new Uint8Array(0);
    this.#check(n);
    const copy = new Uint8Array(n);
    this.#copyOut(copy, n, 0);
    this.#drop(n);
    return copy;
  }

  /** Reads one byte. */
  readByte(): number {
    this.#check(1);
    const node = this.#firstReadable();
    const byte = node.bytes[node.read++]!;
    this.#advanced(1);
    return byte;
  }

  /**
   * Reads `n` bytes as a buffer of their own that shares the memory: it lives until its own `release`, whatever
   * becomes of this one.
   */
  slice(n: number): LinkBuffer {
    const slice = new LinkBuffer(this.#pool);
    if (n <= 0) return slice;
    this.#check(n);
    for (let left = n; left > 0;) {
      const node = this.#firstReadable();
      const count = Math.min(left, node.flushed - node.read);
      slice.#link(node.refer(node.read, node.read + count));
      node.read += count;
      this.#advanced(count);
      left -= count;
    }
    slice.#length = n;
    return slice;
  }

  /** Frees what was read: everything handed out by `next` and `peek` is invalid from here on. Gives itself back. */
  release(): this {
    if (this.#copies !== undefined) {
      for (const copy of this.#copies) this.#pool.giveNode(copy);
      this.#copies = undefined;
    }
    if (this.#length === 0 && this.#mallocLength === 0) {
      this.#freeChain(this.#head);
      this.#forget();
      return this;
    }
    const stop = this.#length > 0 ? this.#firstReadable() : this.#firstUnflushed();
    for (let node = this.#head; node !== stop && node !== undefined;) {
      const next: LinkNode | undefined = node.next;
      this.#pool.freeNode(node);
      node = next;
    }
    this.#head = this.#reading = stop;
    if (this.#length === 0) this.#flushing = stop;
    return this;
  }

  // Writing. Nothing is readable before `flush`.

  /** Room for `n` bytes, counted as written. The caller fills it before `flush`; its content is undefined until then. */
  malloc(n: number): Uint8Array {
    if (n <= 0) return EMPTY;
    const node = this.#room(n);
    const from = node.end;
    node.end += n;
    this.#mallocLength += n;
    return node.bytes.subarray(from, node.end);
  }

  /** Room for up to `n` bytes, not counted until `commit` says how many were used. */
  reserve(n: number): Uint8Array {
    if (n <= 0) return EMPTY;
    const node = this.#room(n);
    return node.bytes.subarray(node.end, node.end + n);
  }

  /** Counts the first `n` bytes of the last `reserve` as written; nothing else may have been written between. */
  commit(n: number): void {
    const tail = this.#tail;
    if (n < 0 || (n > 0 && (tail === undefined || n > tail.limit - tail.end))) {
      throw new RpcError("invalid", `commit of ${n} bytes exceeds what was reserved`);
    }
    if (tail === undefined) return;
    tail.end += n;
    this.#mallocLength += n;
  }

  /** Keeps the first `n` bytes written since the last flush and drops the others. */
  mallocAck(n: number): void {
    if (n < 0 || n > this.#mallocLength) {
      throw new RpcError("invalid", `mallocAck of ${n} bytes with ${this.#mallocLength} written`);
    }
    let left = n;
    let node = this.#flushing;
    for (; node !== undefined; node = node.next) {
      const written = node.end - node.flushed;
      if (left <= written) break;
      left -= written;
    }
    this.#mallocLength = n;
    if (node === undefined) return;
    node.end = node.flushed + left;
    // What was cut off linked memory is not free room: it belongs to somebody else.
    if (!node.pooled) node.limit = node.end;
    this.#freeChain(node.next);
    node.next = undefined;
    this.#tail = node;
  }

  /** Writes one byte. */
  writeByte(byte: number): void {
    const node = this.#room(1);
    node.bytes[node.end++] = byte;
    this.#mallocLength++;
  }

  /** Writes text as UTF-8; gives the number of bytes. */
  writeString(text: string): number {
    if (text.length === 0) return 0;
    if (text.length > LINK_BYTES) return this.writeBinary(TEXT_ENCODER.encode(text));
    const node = this.#room(text.length * 3);
    const { written } = TEXT_ENCODER.encodeInto(text, node.bytes.subarray(node.end, node.limit));
    node.end += written;
    this.#mallocLength += written;
    return written;
  }

  /** Writes bytes; above 4096 they are linked, not copied: leave them unchanged until they are sent. Gives their number. */
  writeBinary(bytes: Uint8Array): number {
    const n = bytes.length;
    if (n === 0) return 0;
    if (n > LINK_BYTES) {
      this.#link(new LinkNode(bytes, 0, n, n));
    } else {
      const node = this.#room(n);
      node.bytes.set(bytes, node.end);
      node.end += n;
    }
    this.#mallocLength += n;
    return n;
  }

  /**
   * Links `bytes` before the last `remain` bytes written: `malloc(a + b)` then `writeDirect(p, b)` makes `a p b`.
   * Leave `bytes` unchanged until they are sent.
   */
  writeDirect(bytes: Uint8Array, remain = 0): void {
    if (remain < 0 || remain > this.#mallocLength) {
      throw new RpcError("invalid", `writeDirect before the last ${remain} bytes with ${this.#mallocLength} written`);
    }
    if (bytes.length === 0) return;
    const direct = new LinkNode(bytes, 0, bytes.length, bytes.length);
    if (remain === 0) {
      this.#link(direct);
    } else {
      let offset = this.#mallocLength - remain;
      let node = this.#flushing!;
      for (; offset > node.end - node.flushed; node = node.next!) offset -= node.end - node.flushed;
      this.#splitAfter(node, node.flushed + offset, direct);
    }
    this.#mallocLength += bytes.length;
  }

  /** Moves everything unread of `other` to the end, without copying; `other` is empty afterwards. Counts as written. */
  append(other: LinkBuffer): void {
    if (other === this) throw new RpcError("invalid", "a buffer cannot be appended to itself");
    const moved = other.#length + other.#mallocLength;
    if (other.#length === 0 && moved > 0) other.release();
    let node = other.#length > 0 ? other.#firstReadable() : other.#head;
    if (moved > 0) {
      for (let used = other.#head; used !== node && used !== undefined;) {
        const next: LinkNode | undefined = used.next;
        other.#pool.freeNode(used);
        used = next;
      }
      while (node !== undefined) {
        const next: LinkNode | undefined = node.next;
        node.next = undefined;
        node.flushed = node.read;
        this.#link(node);
        node = next;
      }
      this.#mallocLength += moved;
    } else {
      other.#freeChain(other.#head);
    }
    other.#forget();
  }

  /** Makes everything written readable. */
  flush(): void {
    for (let node = this.#flushing; node !== undefined; node = node.next) node.flushed = node.end;
    this.#flushing = this.#tail;
    this.#length += this.#mallocLength;
    this.#mallocLength = 0;
  }

  // For connections: whole pieces in and out.

  /**
   * Adds bytes at the end, readable at once; nothing may be written and not flushed. `owned` ones may be linked:
   * nobody changes them any more. Others are copied.
   */
  feed(bytes: Uint8Array, owned: boolean): void {
    const n = bytes.length;
    if (n === 0) return;
    const tail = this.#tail;
    const room = tail === undefined ? 0 : tail.limit - tail.end;
    // A linked piece keeps its whole memory alive, so a small part of a large one is copied; so is what is small itself.
    if (owned && n > LINK_CHUNK_BYTES && n * 4 >= bytes.buffer.byteLength) {
      this.#link(new LinkNode(bytes, 0, n, n));
    } else {
      const head = Math.min(n, room);
      if (head > 0) {
        tail!.bytes.set(head === n ? bytes : bytes.subarray(0, head), tail!.end);
        tail!.end += head;
      }
      if (head < n) {
        const size = Math.max(n - head, Math.min(Math.max(this.#length, SMALL_BLOCK), LARGE_BLOCK));
        const node = this.#pool.takeNode(size);
        node.bytes.set(head === 0 ? bytes : bytes.subarray(head), 0);
        node.end = n - head;
        this.#link(node);
      }
    }
    this.#mallocLength += n;
    this.flush();
  }

  /** Hands over all that is written as a chain of nodes, for `BufferPool.freeNode` one by one; nothing is left here. */
  takeNodes(): LinkNode | undefined {
    this.flush();
    this.release();
    const head = this.#head;
    this.#forget();
    return head;
  }

  #check(n: number): void {
    if (n > this.#length) throw new RpcError("invalid", `read of ${n} bytes exceeds the ${this.#length} there are`);
  }

  /** The node of the next readable byte; there must be one. */
  #firstReadable(): LinkNode {
    let node = this.#reading!;
    while (node.read === node.flushed) node = node.next!;
    this.#reading = node;
    return node;
  }

  /** The node of the first byte written and not flushed; there must be one. */
  #firstUnflushed(): LinkNode {
    let node = this.#flushing!;
    while (node.flushed === node.end) node = node.next!;
    return node;
  }

  #advanced(n: number): void {
    this.#length -= n;
    if (this.#peeked !== undefined) this.#dropPeeked();
  }

  #drop(n: number): void {
    for (let left = n; left > 0;) {
      const node = this.#firstReadable();
      const count = Math.min(left, node.flushed - node.read);
      node.read += count;
      left -= count;
    }
    this.#advanced(n);
  }

  #copyOut(target: Uint8Array, n: number, at: number): void {
    let node = this.#reading;
    for (let left = n; left > 0 && node !== undefined; node = node.next) {
      const count = Math.min(left, node.flushed - node.read);
      if (count === 0) continue;
      target.set(node.bytes.subarray(node.read, node.read + count), at);
      at += count;
      left -= count;
    }
  }

  #takeCopy(n: number): Uint8Array {
    if (n > LARGE_BLOCK) return new Uint8Array(n);
    const node = this.#pool.takeNode(n);
    (this.#copies ??= []).push(node);
    return node.view(0, n);
  }

  /** Keeps what it joined and adds to it when more is asked for, so that growing peeks cost each byte once or twice. */
  #peekJoined(n: number): Uint8Array {
    let peeked = this.#peeked;
    if (peeked === undefined || peeked.length < n) {
      const grown = new Uint8Array(peeked === undefined ? n : Math.max(n, 2 * peeked.length));
      if (peeked !== undefined) grown.set(peeked.subarray(0, this.#peekedLength));
      this.#peeked = peeked = grown;
    }
    let skip = this.#peekedLength;
    for (let node = this.#reading; node !== undefined && this.#peekedLength < n; node = node.next) {
      const length = node.flushed - node.read;
      if (skip >= length) {
        skip -= length;
        continue;
      }
      const count = Math.min(length - skip, n - this.#peekedLength);
      peeked.set(node.bytes.subarray(node.read + skip, node.read + skip + count), this.#peekedLength);
      this.#peekedLength += count;
      skip = 0;
    }
    return peeked.subarray(0, n);
  }

  #forget(): void {
    this.#head =
      this.#reading =
      this.#flushing =
      this.#tail =
        undefined;
    this.#length = this.#mallocLength = 0;
    this.#dropPeeked();
  }

  #dropPeeked(): void {
    this.#peeked = undefined;
    this.#peekedLength = 0;
  }

  /** The tail if it has room for `n` bytes, else a new one. */
  #room(n: number): LinkNode {
    const tail = this.#tail;
    if (tail !== undefined && tail.limit - tail.end >= n) return tail;
    const node = this.#pool.takeNode(Math.max(n, Math.min(Math.max(this.#mallocLength, SMALL_BLOCK), LARGE_BLOCK)));
    this.#link(node);
    return node;
  }

  #link(node: LinkNode): void {
    const tail = this.#tail;
    if (tail === undefined) this.#head = this.#reading = this.#flushing = node;
    else tail.next = node;
    this.#tail = node;
  }

  /** Puts `direct` behind byte `cut` of `node`; what follows the cut becomes a node of its own on the same memory. */
  #splitAfter(node: LinkNode, cut: number, direct: LinkNode): void {
    const rest = node.refer(cut, node.end);
    rest.flushed = cut;
    rest.limit = node.limit;
    rest.next = node.next;
    node.end = node.limit = cut;
    node.next = direct;
    direct.next = rest;
    if (this.#tail === node) this.#tail = rest;
  }

  #freeChain(node: LinkNode | undefined): void {
    while (node !== undefined) {
      const next: LinkNode | undefined = node.next;
      this.#pool.freeNode(node);
      node = next;
    }
  }
}
