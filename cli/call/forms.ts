/**
 * How requests and answers of a method look on a command line: JSON, by the rules of what the service is described in.
 *
 * @module
 */
import { genericService } from "../../codecs/generic/generic_service.ts";
import { parseJson, stringifyJson } from "../../codecs/generic/json_text.ts";
import { exampleMessage } from "../../codecs/protobuf/example_message.ts";
import { messageOfText, textOfMessage } from "../../codecs/protobuf/json_text.ts";
import type { ProtobufMethod } from "../../codecs/protobuf/service.ts";
import type { ServiceSchema } from "../../lib/schema/service.ts";
import { exampleRequest } from "./describe.ts";
import { argumentsOf } from "./requests.ts";
import type { Described } from "./sources.ts";
import type { CallTarget } from "./target.ts";

/** How a method is called with JSON. */
export interface CallForm {
  /** What a client is made of. */
  readonly service: ServiceSchema;
  /** The arguments of a call, in order, from the text of a request. Throws an `RpcError` of kind `"invalid"`. */
  argumentsOf(text: string): unknown[];
  /** A message of a stream from its text. Throws as `argumentsOf` does. */
  messageOf(text: string): unknown;
  /** An answer, or a message of a stream, as text; `indent`: blanks for each level, 0 for one line. */
  textOf(answer: unknown, indent: number): string;
  /** A request with every field, as text. */
  example(indent: number): string;
}

/** The form of a method; `enumNames`: Thrift's enums are printed by their names, as those of Protocol Buffers are always. */
export function formOf(target: CallTarget, { registry }: Described, enumNames: boolean): CallForm {
  return target.service.payload === "thrift" ? thriftForm(target, enumNames) : protobufForm(target, registry);
}

function thriftForm({ service, method }: CallTarget, enumNames: boolean): CallForm {
  return {
    service: genericService(service, { maps: "map", enums: enumNames ? "name" : "number", unknown: "error" }),
    argumentsOf: (text) => argumentsOf(method, parseJson(text)),
    messageOf: parseJson,
    textOf: (answer, indent) => stringifyJson(answer, { indent, nonFinite: "string" }),
    example: (indent) => stringifyJson(exampleRequest(method), { indent }),
  };
}

function protobufForm({ service, method }: CallTarget, registry: Described["registry"]): CallForm {
  const { input, output } = method as ProtobufMethod;
  const messageOf = (text: string): unknown => messageOfText(input, text, registry);
  return {
    service,
    argumentsOf: (text) => [messageOf(text)],
    messageOf,
    textOf: (answer, indent) => textOfMessage(output, answer as Parameters<typeof textOfMessage>[1], indent, registry),
    example: (indent) => JSON.stringify(exampleMessage(input), undefined, indent),
  };
}
