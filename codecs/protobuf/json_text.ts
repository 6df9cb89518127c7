/**
 * Messages of Protocol Buffers as JSON that people write and read.
 *
 * @module
 */
import {
  type DescMessage,
  fromBinary,
  fromJsonString,
  type MessageShape,
  type Registry,
  toJsonString,
} from "@bufbuild/protobuf";
import { RpcError } from "../../lib/errors.ts";

/** The message that JSON text says. Throws an `RpcError` of kind `"invalid"` that names what does not fit, unknown fields too. */
export function messageOfText<Desc extends DescMessage>(
  desc: Desc,
  text: string,
  registry?: Registry,
): MessageShape<Desc> {
  try {
    return fromJsonString(desc, text, registry === undefined ? {} : { registry });
  } catch (cause) {
    throw new RpcError("invalid", RpcError.from(cause).message, { cause });
  }
}

/** The message in bytes, for showing. Throws an `RpcError` of kind `"protocol"` if they are none. */
export function messageOfBytes<Desc extends DescMessage>(desc: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(desc, bytes);
  } catch (cause) {
    throw new RpcError("protocol", `${desc.typeName} cannot be read: ${RpcError.from(cause).message}`, { cause });
  }
}

/** The JSON text of a message; `indent`: blanks for each level, 0 for one line. Throws an `RpcError` of kind `"invalid"` if it has none. */
export function textOfMessage<Desc extends DescMessage>(
  desc: Desc,
  message: MessageShape<Desc>,
  indent: number,
  registry?: Registry,
): string {
  try {
    return toJsonString(desc, message, { prettySpaces: indent, ...(registry === undefined ? {} : { registry }) });
  } catch (cause) {
    throw new RpcError("invalid", `${desc.typeName} cannot be shown: ${RpcError.from(cause).message}`, { cause });
  }
}
