/**
 * `google.rpc.Status` as bytes: what gRPC's error details are.
 *
 * @module
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** One detail: a message of any type. */
export interface StatusDetail {
  /** Name of its type, with its package. */
  readonly type: string;
  /** The message. */
  readonly value: Uint8Array;
}

const PREFIX = "type.googleapis.com/";

/** The details in a `google.rpc.Status`; none if the bytes are no such message. */
export function readStatusDetails(bytes: Uint8Array): StatusDetail[] {
  try {
    return readMessages(bytes, 3).map((any) => {
      const [type = new Uint8Array()] = readMessages(any, 1);
      const [value = new Uint8Array()] = readMessages(any, 2);
      const url = new TextDecoder().decode(type);
      return { type: url.slice(url.lastIndexOf("/") + 1), value: value.slice() };
    });
  } catch {
    return []; // the status itself is worth more than what was to explain it
  }
}

/** A `google.rpc.Status`. */
export function writeStatus(code: number, message: string, details: readonly StatusDetail[]): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int32(code).tag(2, WireType.LengthDelimited).string(message);
  for (const { type, value } of details) {
    writer.tag(3, WireType.LengthDelimited).fork()
      .tag(1, WireType.LengthDelimited).string(PREFIX + type)
      .tag(2, WireType.LengthDelimited).bytes(value)
      .join();
  }
  return writer.finish();
}

/** The contents of all fields of this number that have a length. */
function readMessages(bytes: Uint8Array, number: number): Uint8Array[] {
  const reader = new BinaryReader(bytes);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === number && type === WireType.LengthDelimited) found.push(reader.bytes());
    else reader.skip(type, field);
  }
  return found;
}
