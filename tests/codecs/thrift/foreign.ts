/**
 * Values through the protocols of Apache's `thrift` for Node, told by a schema what to write and read.
 *
 * @module
 */
import type { StructSchema, TypeSchema } from "../../../lib/schema/types.ts";
import { ttypeOf } from "../../../codecs/thrift/ttype.ts";

/** The part of a protocol object in use. */
interface Protocol {
  writeMessageBegin(name: string, type: number, seqid: number): void;
  writeMessageEnd(): void;
  writeStructBegin(name: string): void;
  writeStructEnd(): void;
  writeFieldBegin(name: string, type: number, id: number): void;
  writeFieldEnd(): void;
  writeFieldStop(): void;
  writeListBegin(type: number, size: number): void;
  writeListEnd(): void;
  writeSetBegin(type: number, size: number): void;
  writeSetEnd(): void;
  writeMapBegin(key: number, value: number, size: number): void;
  writeMapEnd(): void;
  writeBool(value: boolean): void;
  writeByte(value: number): void;
  writeI16(value: number): void;
  writeI32(value: number): void;
  writeI64(value: Int64): void;
  writeDouble(value: number): void;
  writeString(value: string): void;
  writeBinary(value: Uint8Array): void;
  readMessageBegin(): { fname: string; mtype: number; rseqid: number };
  readMessageEnd(): void;
  readStructBegin(): void;
  readStructEnd(): void;
  readFieldBegin(): { ftype: number; fid: number };
  readFieldEnd(): void;
  readListBegin(): { size: number };
  readListEnd(): void;
  readSetBegin(): { size: number };
  readSetEnd(): void;
  readMapBegin(): { size: number };
  readMapEnd(): void;
  readBool(): boolean;
  readByte(): number;
  readI16(): number;
  readI32(): number;
  readI64(): Int64;
  readDouble(): number;
  readString(): string;
  readBinary(): Uint8Array;
  flush(): void;
}

interface Int64 {
  readonly buffer: Uint8Array;
  readonly offset: number;
}

interface Transport {
  flush(): void;
}

interface Library {
  readonly TFramedTransport: new (bytes: unknown, written?: (bytes: Uint8Array) => void) => Transport;
  readonly TBinaryProtocol: new (transport: Transport) => Protocol;
  readonly TCompactProtocol: new (transport: Transport) => Protocol;
  readonly TJSONProtocol: new (transport: Transport) => Protocol;
  readonly Int64: new (hex: string) => Int64;
}

/** A message with a struct in it. */
export interface ForeignMessage {
  /** Method. */
  readonly name: string;
  /** Type of the message. */
  readonly type: number;
  /** Sequence id. */
  readonly seqid: number;
  /** The struct. */
  readonly value: unknown;
}

const NAMES = { binary: "TBinaryProtocol", compact: "TCompactProtocol", json: "TJSONProtocol" } as const;

/** Apache's `thrift`, loaded. */
export class Foreign {
  readonly #library: Library;
  readonly #buffer: { from(bytes: Uint8Array): Uint8Array };

  /** Of what `load` has loaded. */
  constructor(library: Library, buffer: { from(bytes: Uint8Array): Uint8Array }) {
    this.#library = library;
    this.#buffer = buffer;
  }

  /** Loads it; it brings no types, so its name is not for the type checker. */
  static async load(): Promise<Foreign> {
    const name: string = "thrift";
    const { default: library } = await import(name);
    const { Buffer } = await import("node:buffer");
    return new Foreign(library, Buffer);
  }

  /** Writes a message. */
  write(payload: keyof typeof NAMES, schema: StructSchema<unknown>, message: ForeignMessage): Uint8Array {
    let out = new Uint8Array(0);
    const transport = new this.#library.TFramedTransport(null, (bytes) => out = new Uint8Array(bytes.subarray(4)));
    const protocol = new this.#library[NAMES[payload]](transport);
    protocol.writeMessageBegin(message.name, message.type, message.seqid);
    this.#write(protocol, { kind: "struct", of: () => schema }, message.value);
    protocol.writeMessageEnd();
    transport.flush();
    return out;
  }

  /** Reads a message. */
  read(payload: keyof typeof NAMES, schema: StructSchema<unknown>, bytes: Uint8Array): ForeignMessage {
    const protocol = new this.#library[NAMES[payload]](new this.#library.TFramedTransport(this.#buffer.from(bytes)));
    const { fname, mtype, rseqid } = protocol.readMessageBegin();
    const value = this.#read(protocol, { kind: "struct", of: () => schema });
    protocol.readMessageEnd();
    return { name: fname, type: mtype, seqid: rseqid, value };
  }

  #write(p: Protocol, type: TypeSchema, value: unknown): void {
    switch (type.kind) {
      case "bool":
        return p.writeBool(value as boolean);
      case "i8":
        return p.writeByte(value as number);
      case "i16":
        return p.writeI16(value as number);
      case "i32":
      case "enum":
        return p.writeI32(value as number);
      case "i64":
        return p.writeI64(this.#int64(value as bigint));
      case "double":
        return p.writeDouble(value as number);
      case "string":
        return p.writeString(value as string);
      case "binary":
        return p.writeBinary(this.#buffer.from(value as Uint8Array));
      case "struct":
        return this.#writeStruct(p, type.of(), value as Record<string, unknown>);
      case "list": {
        const list = value as unknown[];
        p.writeListBegin(ttypeOf(type.element), list.length);
        for (const element of list) this.#write(p, type.element, element);
        return p.writeListEnd();
      }
      case "set": {
        const set = value as Set<unknown>;
        p.writeSetBegin(ttypeOf(type.element), set.size);
        for (const element of set) this.#write(p, type.element, element);
        return p.writeSetEnd();
      }
      case "map": {
        const map = value as Map<unknown, unknown>;
        p.writeMapBegin(ttypeOf(type.key), ttypeOf(type.value), map.size);
        for (const [key, part] of map) {
          this.#write(p, type.key, key);
          this.#write(p, type.value, part);
        }
        return p.writeMapEnd();
      }
      case "uuid":
        throw new Error("not in these tests");
    }
  }

  #writeStruct(p: Protocol, schema: StructSchema, value: Record<string, unknown>): void {
    p.writeStructBegin(schema.name);
    for (const field of schema.fields) {
      const part = value[field.key];
      if (part === undefined) continue;
      p.writeFieldBegin(field.name, ttypeOf(field.type), field.id);
      this.#write(p, field.type, part);
      p.writeFieldEnd();
    }
    p.writeFieldStop();
    p.writeStructEnd();
  }

  #int64(value: bigint): Int64 {
    return new this.#library.Int64(BigInt.asUintN(64, value).toString(16).padStart(16, "0"));
  }

  #read(p: Protocol, type: TypeSchema): unknown {
    switch (type.kind) {
      case "bool":
        return p.readBool();
      case "i8":
        return p.readByte();
      case "i16":
        return p.readI16();
      case "i32":
      case "enum":
        return p.readI32();
      case "i64": {
        const { buffer, offset } = p.readI64();
        return new DataView(buffer.buffer, buffer.byteOffset + offset).getBigInt64(0);
      }
      case "double":
        return p.readDouble();
      case "string":
        return p.readString();
      case "binary":
        return new Uint8Array(p.readBinary());
      case "struct":
        return this.#readStruct(p, type.of());
      case "list": {
        const { size } = p.readListBegin();
        const list = Array.from({ length: size }, () => this.#read(p, type.element));
        p.readListEnd();
        return list;
      }
      case "set": {
        const { size } = p.readSetBegin();
        const set = new Set(Array.from({ length: size }, () => this.#read(p, type.element)));
        p.readSetEnd();
        return set;
      }
      case "map": {
        const { size } = p.readMapBegin();
        const map = new Map(Array.from({ length: size }, () => [this.#read(p, type.key), this.#read(p, type.value)]));
        p.readMapEnd();
        return map;
      }
      case "uuid":
        throw new Error("not in these tests");
    }
  }

  #readStruct(p: Protocol, schema: StructSchema): Record<string, unknown> {
    const value: Record<string, unknown> = Object.fromEntries(schema.fields.map(({ key }) => [key, undefined]));
    p.readStructBegin();
    for (;;) {
      const { ftype, fid } = p.readFieldBegin();
      if (ftype === 0) break;
      const field = schema.fields.find(({ id }) => id === fid);
      if (field === undefined) throw new Error(`field ${fid} of ${schema.name} is not known`);
      value[field.key] = this.#read(p, field.type);
      p.readFieldEnd();
    }
    p.readStructEnd();
    return value;
  }
}
