/**
 * What a message from a server means for the call it answers.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { decodeText } from "../../lib/io/text.ts";
import type { Call } from "../../lib/rpc/call.ts";
import { sameBytes } from "../../lib/rpc/method_names.ts";
import type { Bindings } from "./bindings.ts";
import type { FrameHead } from "./frame_head.ts";
import { type MessageHeader, type MessagePayload, MessageType, type Values } from "./payload.ts";

/** Takes the outcome of a call. */
export interface Settler {
  /** The call. */
  readonly call: Call;
  /** Ends it well. */
  resolve(value: unknown): void;
  /** Ends it with an error: an `RpcError`, or an exception its IDL declares. */
  reject(error: unknown): void;
}

/**
 * Settles a call with the message whose envelope was just read into `header`. `rejectEmpty` makes a reply without a
 * value an error. Throws an `RpcError` of kind `"protocol"`, after settling the call with it, if the message is no
 * answer to this call, so that nothing else on the connection can be trusted either.
 */
export function settleAnswer(
  bindings: Bindings,
  reader: ReadBuffer,
  header: MessageHeader,
  head: Readonly<FrameHead>,
  settler: Settler,
  rejectEmpty: boolean,
): void {
  const { call } = settler;
  if (head.meta !== undefined) call.meta.receive(head.meta);
  if (head.invalid !== undefined) return settler.reject(head.invalid);
  if (header.type === MessageType.EXCEPTION) return settler.reject(readException(bindings.payload, reader, call));
  if (header.type !== MessageType.REPLY) {
    throw fail(settler, new RpcError("protocol", `message type ${header.type} is no answer`));
  }
  const binding = bindings.of(call.method);
  if (!sameBytes(binding.name, reader.bytes, header.nameStart, header.nameEnd)) {
    const name = decodeText(reader.bytes, header.nameStart, Math.min(header.nameEnd, header.nameStart + 100));
    const text = `answer to ${name} came for a call of ${call.method.name}`;
    throw fail(settler, new RpcError("protocol", text, { code: 3 }));
  }
  if (head.status !== undefined) return settler.reject(head.status);
  let result: Values;
  try {
    result = binding.result.decode(reader);
  } catch (reason) {
    return settler.reject(wrap("answer", call, reason));
  }
  for (const key of binding.exceptionKeys) {
    const exception = result[key];
    if (exception !== undefined) return settler.reject(exception);
  }
  if (result.success === undefined && !binding.isVoid && rejectEmpty) {
    const text = `answer of ${call.service.name}.${call.method.name} has neither a value nor an exception`;
    return settler.reject(new RpcError("protocol", text, { code: 5 }));
  }
  settler.resolve(result.success);
}

function readException(payload: MessagePayload, reader: ReadBuffer, call: Call): RpcError {
  try {
    return payload.readException(reader);
  } catch (reason) {
    return wrap("exception", call, reason);
  }
}

function wrap(what: string, call: Call, reason: unknown): RpcError {
  const message = RpcError.from(reason, "protocol").message;
  return new RpcError("protocol", `${what} of ${call.service.name}.${call.method.name}: ${message}`, { cause: reason });
}

function fail(settler: Settler, error: RpcError): RpcError {
  settler.reject(error);
  return error;
}
