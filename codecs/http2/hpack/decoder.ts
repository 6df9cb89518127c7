/**
 * HPACK decoding: a header block to a list of fields, within a budget that is watched while decoding.
 *
 * One decoder per direction of a connection, and every block must pass through it, or the tables of the two sides part.
 * It makes as few strings as it can: those of the tables are shared, and others are looked for in what was made lately.
 *
 * Spec: RFC 7541 §3, §6; RFC 9113 §4.3, §6.5.2, §10.5.1.
 *
 * @module
 */
import { decodeText } from "../../../lib/io/text.ts";
import { Mark, markName, markValue } from "../field.ts";
import { FIELD_OVERHEAD, HeaderList } from "../header_list.ts";
import { BlockCache } from "./block_cache.ts";
import { DynamicTable } from "./dynamic_table.ts";
import { maxDecoded, readHuffman } from "./huffman.ts";
import { compressionError, type Cursor, readInteger } from "./integer.ts";
import { STATIC_COUNT, STATIC_MARKS, STATIC_NAME_MARKS, STATIC_NAMES, STATIC_VALUES } from "./static_table.ts";
import { StringCache } from "./string_cache.ts";

/** Settings of a decoder. */
export interface HpackDecoderOptions {
  /** Largest list as RFC 9113 §6.5.2 counts it; of a larger one only the beginning is kept. Default 16384. */
  readonly maxListBytes?: number;
  /** Take values that begin or end with white space, though RFC 9113 §8.2.1 forbids them. Default `false`. */
  readonly spaceAllowed?: boolean;
}

const DEFAULT_TABLE_BYTES = 4096;
const MAX_SIZE_UPDATES = 2;
/** A buffer for decoded strings that grew larger is not kept. */
const KEPT_SCRATCH_BYTES = 4096;
/** Key of names in the string cache; values have the mark of their name, doubled and one more if coded. */
const NAME_KEY = 1 << 16;
const NO_BYTES = new Uint8Array(0);

/** Decodes the header blocks of one direction of a connection. */
export class HpackDecoder {
  // A connection begins with this size; what the SETTINGS say holds once they are acknowledged.
  readonly #table = new DynamicTable<number>(DEFAULT_TABLE_BYTES);
  readonly #maxListBytes: number;
  readonly #spaceAllowed: boolean;
  readonly #at: Cursor = { bytes: NO_BYTES, pos: 0, end: 0 };
  readonly #strings = new StringCache();
  readonly #blocks = new BlockCache();
  #scratch = NO_BYTES;
  /** What the peer may set the table's size to. */
  #limit = DEFAULT_TABLE_BYTES;
  /** The limit was lowered below the table's size: the next block must begin with an update to no more than this. */
  #updateDue = Infinity;
  /** Changes whenever the table does. */
  #state = 0;
  #mark = 0;

  /** A decoder with an empty table of 4096 octets. */
  constructor(options: HpackDecoderOptions = {}) {
    this.#maxListBytes = options.maxListBytes ?? 16 * 1024;
    this.#spaceAllowed = options.spaceAllowed ?? false;
  }

  /** How many octets the dynamic table holds. */
  get tableBytes(): number {
    return this.#table.octets;
  }

  /** The peer has acknowledged a SETTINGS_HEADER_TABLE_SIZE of `octets`. */
  limitTable(octets: number): void {
    this.#limit = octets;
    if (octets < this.#table.maxOctets) this.#updateDue = Math.min(this.#updateDue, octets);
  }

  /**
   * Decodes a whole header block, which lies in `bytes` from `start` to `end`. The list is sealed, and may be the same one
   * as before if the block is. Look at its `fault` and `tooLarge`. Throws an `Http2Error` COMPRESSION_ERROR; the decoder
   * is of no use after that.
   */
  decode(bytes: Uint8Array, start: number, end: number): HeaderList {
    if (this.#updateDue === Infinity) {
      const known = this.#blocks.find(bytes, start, end, this.#state);
      if (known !== undefined) return known;
    }
    const at = this.#at;
    at.bytes = bytes;
    at.pos = start;
    at.end = end;
    const before = this.#state;
    this.#readSizeUpdates(at);
    const list = new HeaderList();
    let shareable = true;
    while (at.pos < end) {
      const first = bytes[at.pos]!;
      if (first >= 0x80) this.#readIndexed(at, list);
      else if (first >= 0x40) this.#readLiteral(at, list, 0x3f, true, false);
      else if (first >= 0x20) throw compressionError("size update after a field");
      else if (first >= 0x10) {
        this.#readLiteral(at, list, 0x0f, false, true);
        shareable = false;
      } else this.#readLiteral(at, list, 0x0f, false, false);
    }
    at.bytes = NO_BYTES;
    list.sealed = true;
    if (shareable && !list.tooLarge && before === this.#state) this.#blocks.put(bytes, start, end, before, list);
    return list;
  }

  #readSizeUpdates(at: Cursor): void {
    let updates = 0;
    let smallest = Infinity;
    while (at.pos < at.end && (at.bytes[at.pos]! & 0xe0) === 0x20) {
      if (++updates > MAX_SIZE_UPDATES) throw compressionError(`more than ${MAX_SIZE_UPDATES} size updates`);
      const size = readInteger(at, 0x1f);
      if (size > this.#limit) throw compressionError(`size update to ${size} exceeds ${this.#limit}`);
      smallest = Math.min(smallest, size);
      this.#table.maxOctets = size;
      this.#table.makeRoom(0);
      this.#state++;
    }
    if (smallest > this.#updateDue) throw compressionError(`no size update to ${this.#updateDue} or less`);
    this.#updateDue = Infinity;
  }

  #readIndexed(at: Cursor, list: HeaderList): void {
    const index = readInteger(at, 0x7f);
    if (index <= STATIC_COUNT) {
      if (index === 0) throw compressionError("index 0");
      this.#give(list, STATIC_NAMES[index]!, STATIC_VALUES[index]!, STATIC_MARKS[index]!, false);
      return;
    }
    const table = this.#table;
    const number = this.#numberOf(index);
    this.#give(list, table.name(number), table.value(number), table.mark(number), false);
  }

  #readLiteral(at: Cursor, list: HeaderList, prefix: number, indexed: boolean, sensitive: boolean): void {
    const index = readInteger(at, prefix);
    let name: string | undefined;
    let mark: number;
    // Nobody wants what neither list nor table can hold.
    const limit = indexed ? Math.max(this.#room(list), this.#table.maxOctets) : this.#room(list);
    if (index === 0) {
      name = this.#readString(at, NAME_KEY, limit, false);
      mark = this.#mark;
    } else if (index <= STATIC_COUNT) {
      name = STATIC_NAMES[index]!;
      mark = STATIC_NAME_MARKS[index]!;
    } else {
      const number = this.#numberOf(index);
      name = this.#table.name(number);
      mark = this.#table.mark(number) & ~(Mark.BAD_VALUE | Mark.EDGE_SPACE);
    }
    const left = name === undefined ? -1 : limit - name.length;
    const value = this.#readString(at, mark, left, sensitive);
    if (name === undefined || value === undefined) {
      list.tooLarge = true;
      if (indexed) this.#insert("", "", 0, Infinity);
      return;
    }
    mark = this.#mark;
    if (indexed) this.#insert(name, value, mark, name.length + value.length + FIELD_OVERHEAD);
    this.#give(list, name, value, mark, sensitive);
  }

  #insert(name: string, value: string, mark: number, octets: number): void {
    this.#state++;
    if (this.#table.makeRoom(octets)) this.#table.add(name, value, mark);
  }

  /** How many octets name and value of the next field may have. */
  #room(list: HeaderList): number {
    return list.tooLarge ? -1 : this.#maxListBytes - list.octets - FIELD_OVERHEAD;
  }

  #give(list: HeaderList, name: string, value: string, mark: number, sensitive: boolean): void {
    if (name.length + value.length > this.#room(list)) {
      list.tooLarge = true;
      return;
    }
    list.receive(name, value, mark, sensitive, this.#spaceAllowed);
  }

  #numberOf(index: number): number {
    const back = index - STATIC_COUNT - 1;
    if (back >= this.#table.count) throw compressionError(`index ${index} is outside the tables`);
    return this.#table.numberAt(back);
  }

  /**
   * Reads a name (`key` is `NAME_KEY`) or the value for a name of the mark `key`; sets `#mark`. Gives `undefined`, and
   * makes nothing, if it has more than `limit` octets.
   */
  #readString(at: Cursor, key: number, limit: number, sensitive: boolean): string | undefined {
    if (at.pos >= at.end) throw compressionError("header block ends before a string");
    const coded = at.bytes[at.pos]! >= 0x80;
    const length = readInteger(at, 0x7f);
    const start = at.pos;
    if (length > at.end - start) throw compressionError(`string of ${length} octets exceeds its header block`);
    const end = at.pos = start + length;
    if (!coded && length > limit) return undefined;
    const full = key * 2 + (coded ? 1 : 0);
    const strings = this.#strings;
    if (!sensitive && strings.find(at.bytes, start, end, full)) {
      this.#mark = strings.mark;
      return strings.text.length > limit ? undefined : strings.text;
    }
    const text = coded ? this.#decode(at.bytes, start, end, limit) : latin1(at.bytes, start, end);
    if (text === undefined) return undefined;
    this.#mark = key === NAME_KEY ? markName(text) : markValue(key, text);
    if (!sensitive) strings.put(at.bytes, start, end, full, text, this.#mark);
    return text;
  }

  #decode(bytes: Uint8Array, start: number, end: number, limit: number): string | undefined {
    const most = maxDecoded(end - start);
    // Even if every octet had the longest code.
    if (Math.floor((end - start) * 8 / 30) > limit) return undefined;
    let scratch = this.#scratch;
    if (scratch.length < most) {
      scratch = new Uint8Array(Math.max(256, most));
      if (most <= KEPT_SCRATCH_BYTES) this.#scratch = scratch;
    }
    const length = readHuffman(bytes, start, end, scratch);
    return length > limit ? undefined : latin1(scratch, 0, length);
  }
}

/** One char per octet. */
function latin1(bytes: Uint8Array, start: number, end: number): string {
  let seen = 0;
  for (let i = start; i < end; i++) seen |= bytes[i]!;
  if (seen < 0x80) return decodeText(bytes, start, end);
  let text = "";
  for (let i = start; i < end; i += 4096) {
    text += String.fromCharCode(...bytes.subarray(i, Math.min(end, i + 4096)));
  }
  return text;
}
