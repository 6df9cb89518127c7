/**
 * The same struct through Apache's `thrift` for Node, with the calls that its compiler would generate.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Item, Order } from "./gen/order.ts";

interface Protocol {
  writeStructBegin(name: string): void;
  writeStructEnd(): void;
  writeFieldBegin(name: string, type: number, id: number): void;
  writeFieldEnd(): void;
  writeFieldStop(): void;
  writeListBegin(type: number, size: number): void;
  writeListEnd(): void;
  writeMapBegin(key: number, value: number, size: number): void;
  writeMapEnd(): void;
  writeBool(value: boolean): void;
  writeI32(value: number): void;
  writeI64(value: unknown): void;
  writeDouble(value: number): void;
  writeString(value: string): void;
  readStructBegin(): void;
  readStructEnd(): void;
  readFieldBegin(): { ftype: number; fid: number };
  readFieldEnd(): void;
  readListBegin(): { size: number };
  readListEnd(): void;
  readMapBegin(): { size: number };
  readMapEnd(): void;
  readBool(): boolean;
  readI32(): number;
  readI64(): unknown;
  readDouble(): number;
  readString(): string;
  skip(type: number): void;
}

interface Transport {
  flush(): void;
}

interface Library {
  readonly TFramedTransport: new (bytes: unknown, written?: (bytes: Uint8Array) => void) => Transport;
  readonly TBinaryProtocol: new (transport: Transport) => Protocol;
  readonly TCompactProtocol: new (transport: Transport) => Protocol;
  readonly Int64: new (hex: string) => unknown;
}

/** One of its protocols. */
export interface Apache {
  /** Encodes the order given when it was made. */
  encode(): Uint8Array;
  /** Decodes what it encoded. */
  decode(): unknown;
}

/** Loads the library. It has no types: its name is not for the type checker. */
export async function apache(protocol: "TBinaryProtocol" | "TCompactProtocol", order: Order): Promise<Apache> {
  const name: string = "thrift";
  const library: Library = (await import(name)).default;
  const value = {
    ...order,
    id: new library.Int64(order.id.toString(16).padStart(16, "0")),
    tags: Object.fromEntries(order.tags),
  };
  const encode = (): Uint8Array => {
    let out: Uint8Array | undefined;
    const transport = new library.TFramedTransport(null, (bytes) => out = bytes);
    writeOrder(new library[protocol](transport), value);
    transport.flush();
    return out!.subarray(4);
  };
  const bytes = Buffer.from(encode());
  return { encode, decode: () => readOrder(new library[protocol](new library.TFramedTransport(bytes))) };
}

function writeItem(p: Protocol, item: Item): void {
  p.writeStructBegin("Item");
  p.writeFieldBegin("id", 8, 1);
  p.writeI32(item.id);
  p.writeFieldEnd();
  p.writeFieldBegin("name", 11, 2);
  p.writeString(item.name);
  p.writeFieldEnd();
  p.writeFieldBegin("price", 4, 3);
  p.writeDouble(item.price);
  p.writeFieldEnd();
  p.writeFieldBegin("ok", 2, 4);
  p.writeBool(item.ok);
  p.writeFieldEnd();
  p.writeFieldStop();
  p.writeStructEnd();
}

function writeOrder(
  p: Protocol,
  order: Omit<Order, "id" | "tags"> & { id: unknown; tags: Record<string, string> },
): void {
  p.writeStructBegin("Order");
  p.writeFieldBegin("id", 10, 1);
  p.writeI64(order.id);
  p.writeFieldEnd();
  p.writeFieldBegin("user", 11, 2);
  p.writeString(order.user);
  p.writeFieldEnd();
  p.writeFieldBegin("kind", 8, 3);
  p.writeI32(order.kind);
  p.writeFieldEnd();
  p.writeFieldBegin("flag", 2, 4);
  p.writeBool(order.flag);
  p.writeFieldEnd();
  p.writeFieldBegin("total", 4, 5);
  p.writeDouble(order.total);
  p.writeFieldEnd();
  p.writeFieldBegin("items", 15, 6);
  p.writeListBegin(12, order.items.length);
  for (const item of order.items) writeItem(p, item);
  p.writeListEnd();
  p.writeFieldEnd();
  p.writeFieldBegin("tags", 13, 7);
  const keys = Object.keys(order.tags);
  p.writeMapBegin(11, 11, keys.length);
  for (const key of keys) {
    p.writeString(key);
    p.writeString(order.tags[key]!);
  }
  p.writeMapEnd();
  p.writeFieldEnd();
  p.writeFieldBegin("codes", 15, 8);
  p.writeListBegin(8, order.codes.length);
  for (const code of order.codes) p.writeI32(code);
  p.writeListEnd();
  p.writeFieldEnd();
  p.writeFieldStop();
  p.writeStructEnd();
}

function readItem(p: Protocol): unknown {
  const item = { id: 0, name: "", price: 0, ok: false };
  p.readStructBegin();
  for (;;) {
    const { ftype, fid } = p.readFieldBegin();
    if (ftype === 0) break;
    if (fid === 1 && ftype === 8) item.id = p.readI32();
    else if (fid === 2 && ftype === 11) item.name = p.readString();
    else if (fid === 3 && ftype === 4) item.price = p.readDouble();
    else if (fid === 4 && ftype === 2) item.ok = p.readBool();
    else p.skip(ftype);
    p.readFieldEnd();
  }
  p.readStructEnd();
  return item;
}

function readOrder(p: Protocol): unknown {
  const order: Record<string, unknown> = {};
  p.readStructBegin();
  for (;;) {
    const { ftype, fid } = p.readFieldBegin();
    if (ftype === 0) break;
    if (fid === 1 && ftype === 10) order.id = p.readI64();
    else if (fid === 2 && ftype === 11) order.user = p.readString();
    else if (fid === 3 && ftype === 8) order.kind = p.readI32();
    else if (fid === 4 && ftype === 2) order.flag = p.readBool();
    else if (fid === 5 && ftype === 4) order.total = p.readDouble();
    else if (fid === 6 && ftype === 15) order.items = readList(p, readItem);
    else if (fid === 7 && ftype === 13) order.tags = readTags(p);
    else if (fid === 8 && ftype === 15) order.codes = readList(p, (q) => q.readI32());
    else p.skip(ftype);
    p.readFieldEnd();
  }
  p.readStructEnd();
  return order;
}

function readList(p: Protocol, read: (p: Protocol) => unknown): unknown[] {
  const list: unknown[] = [];
  const { size } = p.readListBegin();
  for (let i = 0; i < size; i++) list.push(read(p));
  p.readListEnd();
  return list;
}

function readTags(p: Protocol): Record<string, string> {
  const tags: Record<string, string> = {};
  const { size } = p.readMapBegin();
  for (let i = 0; i < size; i++) {
    const key = p.readString();
    tags[key] = p.readString();
  }
  p.readMapEnd();
  return tags;
}
