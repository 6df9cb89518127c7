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
import { checkJson } from "./nested_json.ts";

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
 * The message of a JSON form; fields it does not know are passed over. Throws an `RpcError` of kind `"protocol"`, also where it would
 * have more than `maxNested` messages in it.
 */
export function decodeJson<Desc extends DescMessage>(
  desc: Desc,
  text: string,
  registry?: Registry,
  maxNested: number = DEFAULT_MESSAGE_LIMITS.maxNested,
): MessageShape<Desc> {
  checkJson(desc, text, maxNested, registry);
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
