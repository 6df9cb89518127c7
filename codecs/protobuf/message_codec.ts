/**
 * Messages of Protocol Buffers to bytes and back, by protobuf-es.
 *
 * @module
 */
import {
  create,
  type DescMessage,
  fromBinary,
  isMessage,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { RpcError } from "../../lib/errors.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { completeLimits, DEFAULT_MESSAGE_LIMITS, type MessageLimits } from "./limits.ts";
import { nestedGuard } from "./nested.ts";

/** What a message can be made of. */
export type { MessageInitShape } from "@bufbuild/protobuf";

/** Writes and reads the messages of one type. Holds no state. */
export interface MessageCodec<Desc extends DescMessage = DescMessage> {
  /** The type. */
  readonly desc: Desc;
  /**
   * Appends a message, or what a plain object makes one. Throws an `RpcError` of kind `"invalid"` that says what does not
   * fit; nothing is appended then.
   */
  encode(w: WriteBuffer, value: unknown): void;
  /**
   * The message in `bytes` from `start` (default 0) to `end` (default all). It keeps nothing of `bytes`.
   * Throws an `RpcError` of kind `"protocol"`.
   */
  decode(bytes: Uint8Array, start?: number, end?: number): MessageShape<Desc>;
  /** The same within other limits; those left out stay. Throws an `RpcError` of kind `"invalid"` as `completeLimits` does. */
  within(limits: { readonly [K in keyof MessageLimits]?: number | undefined }): MessageCodec<Desc>;
}

/** The codec of a message type. */
export function messageCodec<Desc extends DescMessage>(
  desc: Desc,
  limits: MessageLimits = DEFAULT_MESSAGE_LIMITS,
): MessageCodec<Desc> {
  const { maxMessageBytes } = limits;
  const options = { recursionLimit: limits.maxDepth };
  const guard = nestedGuard(desc, limits);
  return {
    desc,
    encode(w, value) {
      const bytes = bytesOf(desc, value);
      if (bytes.length > maxMessageBytes) {
        throw new RpcError("invalid", `${desc.typeName} of ${bytes.length} bytes exceeds ${maxMessageBytes}`);
      }
      w.reserve(bytes.length);
      w.bytes.set(bytes, w.pos);
      w.pos += bytes.length;
    },
    decode(bytes, start = 0, end = bytes.length) {
      if (end - start > maxMessageBytes) {
        throw new RpcError("protocol", `${desc.typeName} of ${end - start} bytes exceeds ${maxMessageBytes}`);
      }
      // Fields of bytes and unknown fields are views of what they were read from, which is the connection's here.
      const own = bytes.slice(start, end);
      guard(own);
      try {
        return fromBinary(desc, own, options);
      } catch (cause) {
        throw new RpcError("protocol", `${desc.typeName} cannot be read: ${reasonOf(cause)}`, { cause });
      }
    },
    within: (changed) => messageCodec(desc, completeLimits({ ...limits, ...changed })),
  };
}

function bytesOf(desc: DescMessage, value: unknown): Uint8Array {
  try {
    return toBinary(desc, messageOf(desc, value));
  } catch (cause) {
    if (cause instanceof RpcError) throw cause;
    throw new RpcError("invalid", `${desc.typeName} cannot be written: ${reasonOf(cause)}`, { cause });
  }
}

function messageOf(desc: DescMessage, value: unknown): MessageShape<DescMessage> {
  if (typeof value !== "object" || value === null) {
    throw new RpcError("invalid", `${value === null ? "null" : typeof value} where ${desc.typeName} is due`);
  }
  if (isMessage(value) && value.$typeName !== desc.typeName) {
    throw new RpcError("invalid", `${value.$typeName} where ${desc.typeName} is due`);
  }
  return create(desc, value as MessageInitShape<DescMessage>);
}

/** What protobuf-es says, or what the engine says when it was given something that is no message at all. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : "of something that is no error";
}
