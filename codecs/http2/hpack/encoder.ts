/**
 * HPACK encoding: lists of fields to header blocks, straight into the output.
 *
 * A field enters the dynamic table when its value is seen again among the last few of its name: what is different in
 * every call (trace ids, lengths, deadlines) never pushes out what is always the same. Credentials never enter it, and are
 * marked so that no intermediary lets them in. A list that is sent again is copied as it was encoded before.
 *
 * Spec: RFC 7541 §6, §7.1.
 *
 * @module
 */
import type { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import { FIELD_OVERHEAD, type HeaderList } from "../header_list.ts";
import { DynamicTable } from "./dynamic_table.ts";
import { huffmanLength, writeHuffman } from "./huffman.ts";
import { writeInteger } from "./integer.ts";
import { STATIC_BY_NAME, STATIC_COUNT } from "./static_table.ts";

/** The largest table an encoder fills, whatever the peer allows. */
const MAX_TABLE_BYTES = 4096;
/** Larger fields are never indexed: one of them would take the place of many. */
const MAX_INDEXED_BYTES = 1024;
/** How many values of a name are remembered to see one come again. */
const RECENT = 4;
/** How many names are remembered. */
const MAX_NAMES = 256;
/** How many encoded lists are kept. */
const MAX_KEPT_LISTS = 32;
/** Strings of up to so many chars are coded before it is known whether that makes them shorter ... */
const MAX_TRIED_CHARS = 64;
/** ... for which there must be room, at 30 bits a char. */
const SPARE_BYTES = 256;
/** Names whose values are credentials. */
const SENSITIVE: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie", "set-cookie"]);
const NO_VALUES: ReadonlyMap<string, number> = new Map();

/** Encodes the header blocks of one direction of a connection. */
export class HpackEncoder {
  readonly #table = new DynamicTable<Name>(MAX_TABLE_BYTES);
  readonly #names = new Map<string, Name>();
  readonly #kept = new Map<HeaderList, Kept>();
  readonly #dropped = (number: number): void => this.#table.mark(number).forget(this.#table.value(number), number);
  /** The smallest size since the last block, if the peer must be told of a change. */
  #smallest = Infinity;

  /** How many octets the dynamic table holds. */
  get tableBytes(): number {
    return this.#table.octets;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE; more than 4096 is not made use of. */
  limitTable(octets: number): void {
    const size = Math.min(octets, MAX_TABLE_BYTES);
    if (size === this.#table.maxOctets) return;
    this.#smallest = Math.min(this.#smallest, size);
    this.#table.maxOctets = size;
    this.#table.makeRoom(0, this.#dropped);
    this.#kept.clear();
  }

  /** Appends the header block of `list`, with the fields of `extra` after it, to `w`. Each block must be sent, in order. */
  encode(w: WriteBuffer, list: HeaderList, extra?: HeaderList): void {
    if (this.#smallest !== Infinity) this.#writeSizeUpdates(w);
    this.#encodeList(w, list);
    if (extra !== undefined) this.#encodeList(w, extra);
  }

  #writeSizeUpdates(w: WriteBuffer): void {
    const size = this.#table.maxOctets;
    w.reserve(12);
    if (this.#smallest < size) w.pos = writeInteger(w.bytes, w.pos, 0x1f, 0x20, this.#smallest);
    w.pos = writeInteger(w.bytes, w.pos, 0x1f, 0x20, size);
    this.#smallest = Infinity;
  }

  #encodeList(w: WriteBuffer, list: HeaderList): void {
    const fields = list.fields;
    // A literal costs at most 13 octets besides its strings, and each field counts 32.
    w.reserve(list.octets + SPARE_BYTES);
    const kept = list.uses === 0 ? undefined : this.#kept.get(list);
    const added = this.#table.added;
    if (kept !== undefined && kept.added === added && kept.count === fields.length) {
      w.pos = copy(w.bytes, w.pos, kept.block);
      return;
    }
    const start = w.pos;
    let pos = start;
    for (let i = 0; i < fields.length; i += 2) {
      pos = this.#encodeField(w.bytes, pos, fields[i]!, fields[i + 1]!, list.isSensitive(i));
    }
    w.pos = pos;
    // Worth keeping once a list comes again, and only when it left the table as it was.
    if (list.uses++ > 0 && this.#table.added === added) this.#keep(list, w.bytes.slice(start, pos));
  }

  #keep(list: HeaderList, block: Uint8Array): void {
    if (this.#kept.size >= MAX_KEPT_LISTS) this.#kept.clear();
    this.#kept.set(list, { added: this.#table.added, count: list.fields.length, block });
  }

  #encodeField(bytes: Uint8Array, pos: number, name: string, value: string, sensitive: boolean): number {
    const known = this.#names.get(name) ?? this.#learn(name);
    if (sensitive || known.sensitive) return this.#writeLiteral(bytes, pos, known, 0x0f, 0x10, name, value);
    const fixed = known.values.get(value);
    if (fixed !== undefined) {
      bytes[pos] = 0x80 | fixed;
      return pos + 1;
    }
    const number = known.live.get(value);
    if (number !== undefined) return writeInteger(bytes, pos, 0x7f, 0x80, this.#indexOf(number));
    const octets = name.length + value.length + FIELD_OVERHEAD;
    if (octets > MAX_INDEXED_BYTES || octets > this.#table.maxOctets || !known.comesAgain(value)) {
      return this.#writeLiteral(bytes, pos, known, 0x0f, 0, name, value);
    }
    // The name's index counts from before the entry is there, and before others make room for it.
    const end = this.#writeLiteral(bytes, pos, known, 0x3f, 0x40, name, value);
    this.#table.makeRoom(octets, this.#dropped);
    known.remember(value, this.#table.add(name, value, known));
    return end;
  }

  #writeLiteral(
    bytes: Uint8Array,
    pos: number,
    known: Name,
    prefix: number,
    high: number,
    name: string,
    value: string,
  ): number {
    let index = known.index;
    if (index === 0 && known.newest > 0 && this.#table.holds(known.newest)) index = this.#indexOf(known.newest);
    pos = writeInteger(bytes, pos, prefix, high, index);
    if (index === 0) pos = copy(bytes, pos, known.coded ??= code(name));
    return writeString(bytes, pos, value);
  }

  #indexOf(number: number): number {
    return STATIC_COUNT + 1 + this.#table.added - number;
  }

  #learn(name: string): Name {
    const known = new Name(name);
    if (name.length > MAX_INDEXED_BYTES) return known;
    if (this.#names.size >= MAX_NAMES) this.#forgetNames();
    if (this.#names.size < MAX_NAMES) this.#names.set(name, known);
    return known;
  }

  #forgetNames(): void {
    for (const [name, known] of this.#names) {
      if (known.live.size === 0) this.#names.delete(name);
    }
  }
}

/** A list as it was encoded, for as long as the table stays what it was. */
interface Kept {
  /** `added` of the table. */
  readonly added: number;
  /** Length of the list's `fields`. */
  readonly count: number;
  readonly block: Uint8Array;
}

/** What an encoder knows of a name. */
class Name {
  /** Its first index in the static table, or 0. */
  readonly index: number;
  /** The static indexes of its values. */
  readonly values: ReadonlyMap<string, number>;
  readonly sensitive: boolean;
  /** The dynamic entries with this name: their numbers by value. */
  readonly live = new Map<string, number>();
  /** The number of the newest of them; 0 if there never was one. */
  newest = 0;
  /** The name as a string of a header block, once it was needed. */
  coded: Uint8Array | undefined;
  #recent: string[] | undefined;
  #next = 0;

  constructor(name: string) {
    const fixed = STATIC_BY_NAME.get(name);
    this.index = fixed === undefined ? 0 : fixed.index;
    this.values = fixed === undefined ? NO_VALUES : fixed.values;
    this.sensitive = SENSITIVE.has(name);
  }

  /** Was `value` among the last ones? Remembers it if not. */
  comesAgain(value: string): boolean {
    const recent = this.#recent ??= [];
    if (recent.includes(value)) return true;
    recent[this.#next] = value;
    this.#next = (this.#next + 1) % RECENT;
    return false;
  }

  remember(value: string, number: number): void {
    this.live.set(value, number);
    this.newest = number;
  }

  forget(value: string, number: number): void {
    if (this.live.get(value) === number) this.live.delete(value);
  }
}

/** A string in the shorter of its two forms. */
function code(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length + SPARE_BYTES);
  return bytes.slice(0, writeString(bytes, 0, text));
}

/** Writes a string in the shorter of its two forms. There must be room for the longer one, and `SPARE_BYTES`. */
function writeString(bytes: Uint8Array, pos: number, text: string): number {
  const plain = text.length;
  if (plain <= MAX_TRIED_CHARS) {
    // Nearly all strings are shorter when coded: that is tried without looking first.
    const end = writeHuffman(bytes, pos + 1, text);
    const coded = end - pos - 1;
    if (coded < plain) {
      bytes[pos] = 0x80 | coded;
      return end;
    }
  } else {
    const coded = huffmanLength(text);
    if (coded < plain) return writeHuffman(bytes, writeInteger(bytes, pos, 0x7f, 0x80, coded), text);
  }
  pos = writeInteger(bytes, pos, 0x7f, 0, plain);
  for (let i = 0; i < plain; i++) bytes[pos + i] = text.charCodeAt(i);
  return pos + plain;
}

function copy(bytes: Uint8Array, pos: number, from: Uint8Array): number {
  for (let i = 0; i < from.length; i++) bytes[pos + i] = from[i]!;
  return pos + from.length;
}
