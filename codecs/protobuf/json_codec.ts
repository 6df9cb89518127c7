/**
 * Messages of Protocol Buffers to their JSON form and back, by protobuf-es.
 *
 * @module
 */
import {
  create,
  type DescMessage,
  fromJsonString,
  type MessageInitShape,
  type MessageShape,
  type Registry,
  toJsonString,
} from "@bufbuild/protobuf";
import { RpcError } from "../../lib/errors.ts";
import { DEFAULT_MESSAGE_LIMITS } from "./limits.ts";
import { checkObjects } from "./nested.ts";

/** The JSON form of a message, or of what a plain object makes one. Throws an `RpcError` of kind `"invalid"`. */
export function encodeJson<Desc extends DescMessage>(desc: Desc, value: unknown, registry?: Registry): string {
  try {
    const message = create(desc, value as MessageInitShape<Desc>);
    return toJsonString(desc, message, registry === undefined ? {} : { registry });
  } catch (cause) {
    throw new RpcError("invalid", `${desc.typeName} cannot be written: ${reasonOf(cause)}`, { cause });
  }
}

/**
 * The message of a JSON form; fields it does not know are passed over. Throws an `RpcError` of kind `"protocol"`, also for more
 * objects than a message may have messages in it.
 */
export function decodeJson<Desc extends DescMessage>(
  desc: Desc,
  text: string,
  registry?: Registry,
): MessageShape<Desc> {
  checkObjects(text, DEFAULT_MESSAGE_LIMITS.maxNested);
  try {
    const options = { ignoreUnknownFields: true, ...(registry === undefined ? {} : { registry }) };
    return fromJsonString(desc, text, options);
  } catch (cause) {
    throw new RpcError("protocol", `${desc.typeName} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : "of something that is no error";
}
