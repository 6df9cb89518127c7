/**
 * The limit: the same struct by hand, for this one type, without any check of values, into and out of one fixed buffer.
 *
 * Strings are what differs between engines, so there are several of each; the quickest of a run is the limit. Import
 * this module anew for each (`?name`), so that none is slowed down by what the engine has seen of the others.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Item, Order } from "./gen/order.ts";

/** Encodes into memory of its own and gives a view of it. */
export type HandEncode = (order: Order) => Uint8Array;

/** Decodes a `Buffer` that has a view of its own bytes. */
export type HandDecode = (bytes: Buffer, view: DataView) => Order;

/** The native functions of `Buffer` that have no types. */
interface Native {
  utf8Write(text: string, at: number): number;
  utf8Slice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
}

/** Writes strings of up to `loopChars` by a loop; longer ones by `utf8Write` if `native`, else by `encodeInto`. */
export function handEncoder(loopChars: number, native: boolean): HandEncode {
  const memory = new Uint8Array(65536);
  const view = new DataView(memory.buffer);
  const buffer = Buffer.from(memory.buffer) as unknown as Native;
  const encoder = new TextEncoder();
  let pos = 0;

  function field(type: number, id: number): void {
    memory[pos] = type;
    memory[pos + 1] = id >> 8;
    memory[pos + 2] = id;
    pos += 3;
  }

  function string(text: string): void {
    const length = text.length;
    if (length <= loopChars) {
      let at = pos + 4;
      let i = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code > 127) break;
        memory[at++] = code;
      }
      if (i === length) {
        view.setInt32(pos, length);
        pos = at;
        return;
      }
    }
    const start = pos + 4;
    const written = native ? buffer.utf8Write(text, start) : encoder.encodeInto(text, memory.subarray(start)).written;
    view.setInt32(pos, written);
    pos = start + written;
  }

  function int(value: number): void {
    view.setInt32(pos, value);
    pos += 4;
  }

  function item(value: Item): void {
    field(8, 1);
    int(value.id);
    field(11, 2);
    string(value.name);
    field(4, 3);
    view.setFloat64(pos, value.price);
    pos += 8;
    field(2, 4);
    memory[pos++] = value.ok ? 1 : 0;
    memory[pos++] = 0;
  }

  return (order) => {
    pos = 0;
    field(10, 1);
    view.setBigInt64(pos, order.id);
    pos += 8;
    field(11, 2);
    string(order.user);
    field(8, 3);
    int(order.kind);
    field(2, 4);
    memory[pos++] = order.flag ? 1 : 0;
    field(4, 5);
    view.setFloat64(pos, order.total);
    pos += 8;
    field(15, 6);
    memory[pos++] = 12;
    int(order.items.length);
    for (let i = 0; i < order.items.length; i++) item(order.items[i]!);
    field(13, 7);
    memory[pos++] = 11;
    memory[pos++] = 11;
    int(order.tags.size);
    for (const [key, value] of order.tags) {
      string(key);
      string(value);
    }
    field(15, 8);
    memory[pos++] = 8;
    int(order.codes.length);
    for (let i = 0; i < order.codes.length; i++) int(order.codes[i]!);
    memory[pos++] = 0;
    return memory.subarray(0, pos);
  };
}

/** Reads each string by `utf8Slice`, or, with `whole`, ASCII ones as parts of one `latin1Slice` of everything. */
export function handDecoder(whole: boolean): HandDecode {
  let bytes: Buffer = Buffer.alloc(0);
  let native = bytes as unknown as Native;
  let view: DataView = new DataView(new ArrayBuffer(0));
  let pos = 0;
  let text = "";

  function length(): number {
    const value = view.getInt32(pos);
    pos += 4;
    if (value < 0 || value > bytes.length - pos) throw new Error("the bytes end early");
    return value;
  }

  function slice(): string {
    const size = length();
    const start = pos;
    pos += size;
    return native.utf8Slice(start, pos);
  }

  function part(): string {
    const size = length();
    const end = pos + size;
    let at = pos;
    while (at < end && bytes[at]! < 128) at++;
    const value = at === end ? text.substring(pos, end) : native.utf8Slice(pos, end);
    pos = end;
    return value;
  }

  const string = whole ? part : slice;

  function header(): number {
    const type = bytes[pos++]!;
    if (type === 0) return 0;
    const id = (bytes[pos]! << 8) | bytes[pos + 1]!;
    pos += 2;
    return (id << 8) | type;
  }

  function item(): Item {
    const value: Item = { id: 0, name: "", price: 0, ok: false };
    for (;;) {
      switch (header()) {
        case 0:
          return value;
        case 0x108:
          value.id = view.getInt32(pos);
          pos += 4;
          break;
        case 0x20b:
          value.name = string();
          break;
        case 0x304:
          value.price = view.getFloat64(pos);
          pos += 8;
          break;
        case 0x402:
          value.ok = bytes[pos++] === 1;
          break;
        default:
          throw new Error("unknown field");
      }
    }
  }

  return (given, givenView) => {
    bytes = given;
    native = given as unknown as Native;
    view = givenView;
    pos = 0;
    if (whole) text = native.latin1Slice(0, given.length);
    const value: Order = { id: 0n, user: "", kind: 0, flag: false, total: 0, items: [], tags: new Map(), codes: [] };
    for (;;) {
      switch (header()) {
        case 0:
          return value;
        case 0x10a:
          value.id = view.getBigInt64(pos);
          pos += 8;
          break;
        case 0x20b:
          value.user = string();
          break;
        case 0x308:
          value.kind = view.getInt32(pos);
          pos += 4;
          break;
        case 0x402:
          value.flag = bytes[pos++] === 1;
          break;
        case 0x504:
          value.total = view.getFloat64(pos);
          pos += 8;
          break;
        case 0x60f: {
          pos++;
          for (let n = length(); n > 0; n--) value.items.push(item());
          break;
        }
        case 0x70d: {
          pos += 2;
          for (let n = length(); n > 0; n--) {
            const key = string();
            value.tags.set(key, string());
          }
          break;
        }
        case 0x80f: {
          pos++;
          const n = length();
          const codes = new Array<number>(n);
          for (let i = 0; i < n; i++) {
            codes[i] = view.getInt32(pos);
            pos += 4;
          }
          value.codes = codes;
          break;
        }
        default:
          throw new Error("unknown field");
      }
    }
  };
}
