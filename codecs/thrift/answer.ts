/**
 * What a message from a server means for the call it answers.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { Call } from "../../lib/rpc/call.ts";
import { decodeApplicationException } from "./application_exception.ts";
import type { Binding } from "./bindings.ts";
import { type MessageHeader, MessageType, type Payload } from "./payload.ts";

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
  payload: Payload,
  binding: Binding,
  reader: ReadBuffer,
  header: MessageHeader,
  settler: Settler,
  rejectEmpty: boolean,
): void {
  if (header.type === MessageType.EXCEPTION) return settler.reject(readException(payload, reader, settler.call));
  if (header.type !== MessageType.REPLY) {
    throw fail(settler, new RpcError("protocol", `message type ${header.type} is no answer`));
  }
  if (!sameBytes(binding.name, reader.bytes, header.nameStart, header.nameEnd)) {
    const end = Math.min(header.nameEnd, header.nameStart + 100);
    const name = new TextDecoder().decode(reader.bytes.subarray(header.nameStart, end));
    const text = `answer to ${name} came for a call of ${binding.method.name}`;
    throw fail(settler, new RpcError("protocol", text, { code: 3 }));
  }
  let result: Record<string, unknown>;
  try {
    result = binding.result.decode(reader);
  } catch (reason) {
    return settler.reject(wrap("answer", settler.call, reason));
  }
  for (const key of binding.exceptionKeys) {
    const exception = result[key];
    if (exception !== undefined) return settler.reject(exception);
  }
  if (result.success === undefined && !binding.isVoid && rejectEmpty) {
    const { service, method } = settler.call;
    const text = `answer of ${service.name}.${method.name} has neither a value nor an exception`;
    return settler.reject(new RpcError("protocol", text, { code: 5 }));
  }
  settler.resolve(result.success);
}

function readException(payload: Payload, reader: ReadBuffer, call: Call): RpcError {
  try {
    return decodeApplicationException(payload, reader);
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

function sameBytes(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}
