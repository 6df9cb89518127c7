/**
 * Protocol Buffers messages without their descriptors: fields by number and wire type.
 *
 * @module
 */
import { showBytes } from "./untyped.ts";

/** The fields of a message under `"number type"`, repeated ones as arrays; `undefined` if the bytes are none. */
export function readProtobuf(bytes: Uint8Array): Record<string, unknown> | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fields: Record<string, unknown> = {};
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n && at < bytes.length; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return undefined;
  };
  const fixed = (size: number, read: (at: number) => unknown): unknown => {
    at += size;
    return at > bytes.length ? undefined : read(at - size);
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === undefined || tag >> 3n === 0n || tag > 0xffff_ffffn) return undefined;
    let value: unknown;
    let type = "varint";
    switch (Number(tag & 7n)) {
      case 0:
        value = varint();
        break;
      case 1:
        type = "64-bit";
        value = fixed(8, (at) => view.getBigUint64(at, true));
        break;
      case 2: {
        type = "bytes";
        const length = varint();
        if (length !== undefined && length <= BigInt(bytes.length - at)) {
          value = showBytes(bytes.subarray(at, at += Number(length)));
        }
        break;
      }
      case 5:
        type = "32-bit";
        value = fixed(4, (at) => view.getUint32(at, true));
    }
    if (value === undefined) return undefined;
    const name = `${tag >> 3n} ${type}`;
    const before = fields[name];
    fields[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return fields;
}
