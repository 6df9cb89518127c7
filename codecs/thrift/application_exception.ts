/**
 * TApplicationException: how a failed call that declares no fitting exception is told to its caller.
 *
 * @module
 */
import { type ErrorKind, RpcError } from "../../lib/errors.ts";
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import { fieldOf, structOfFields } from "./call_structs.ts";
import type { Payload } from "./payload.ts";
import type { ThriftStruct } from "./thrift_struct.ts";
import { i32Value, stringValue } from "./values.ts";

/** Types of a TApplicationException; from 20 on they are Kitex's. */
export const ApplicationExceptionType: {
  readonly UNKNOWN: 0;
  readonly UNKNOWN_METHOD: 1;
  readonly INVALID_MESSAGE_TYPE: 2;
  readonly WRONG_METHOD_NAME: 3;
  readonly BAD_SEQUENCE_ID: 4;
  readonly MISSING_RESULT: 5;
  readonly INTERNAL_ERROR: 6;
  readonly PROTOCOL_ERROR: 7;
  readonly INVALID_TRANSFORM: 8;
  readonly INVALID_PROTOCOL: 9;
  readonly UNSUPPORTED_CLIENT_TYPE: 10;
  readonly UNKNOWN_SERVICE: 20;
  readonly NO_SERVICE_NAME: 21;
} = {
  UNKNOWN: 0,
  UNKNOWN_METHOD: 1,
  INVALID_MESSAGE_TYPE: 2,
  WRONG_METHOD_NAME: 3,
  BAD_SEQUENCE_ID: 4,
  MISSING_RESULT: 5,
  INTERNAL_ERROR: 6,
  PROTOCOL_ERROR: 7,
  INVALID_TRANSFORM: 8,
  INVALID_PROTOCOL: 9,
  UNSUPPORTED_CLIENT_TYPE: 10,
  UNKNOWN_SERVICE: 20,
  NO_SERVICE_NAME: 21,
};

const DEFAULT_TEXTS: ReadonlyMap<number, string> = new Map([
  [0, "unknown application exception"],
  [1, "unknown method"],
  [2, "invalid message type"],
  [3, "wrong method name"],
  [4, "bad sequence id"],
  [5, "missing result"],
  [6, "unknown internal error"],
  [7, "unknown protocol error"],
  [8, "invalid transform"],
  [9, "invalid protocol"],
  [10, "unsupported client type"],
  [20, "unknown service"],
  [21, "no service name"],
]);

/** How the message of a call begins that a limit of Kitex's or ours refused: the type says no more than of any other failure. */
const OVER_LIMIT = "request over limit";

/** The struct on the wire. */
export interface ApplicationException {
  /** What happened. */
  readonly message: string;
  /** Its type; see `ApplicationExceptionType`. */
  readonly type: number;
}

/** What the struct looks like. Two fields and no more: Kitex misreads an exception with others. */
export const ApplicationExceptionSchema: ThriftStruct<ApplicationException> = /* @__PURE__ */ structOfFields(
  "TApplicationException",
  fieldOf(1, "message", stringValue),
  [fieldOf(2, "type", i32Value)],
  (message = "") => ({ message, type: 0 }),
  ({ message }) => message,
);

/** Appends the body of an exception message that tells the peer of `error`: its kind as type, and its message. */
export function encodeApplicationException(payload: Pick<Payload, "codec">, w: WriteBuffer, error: RpcError): void {
  payload.codec(ApplicationExceptionSchema).encode(w, { message: error.message, type: typeOf(error) });
}

/** Reads the body of an exception message as an error whose `remote` is true and whose `code` is the type. Throws as decoders do. */
export function decodeApplicationException(payload: Pick<Payload, "codec">, r: ReadBuffer): RpcError {
  const { message, type } = payload.codec(ApplicationExceptionSchema).decode(r);
  return errorOfType(type, message);
}

/** The error that a peer tells of by a type and a message, which may be empty. */
export function errorOfType(type: number, message: string): RpcError {
  if (type === ApplicationExceptionType.INTERNAL_ERROR && message.startsWith(OVER_LIMIT)) {
    return new RpcError("overload", message, { code: type, remote: true, retryable: true });
  }
  const text = message === "" ? DEFAULT_TEXTS.get(type) ?? `application exception of type ${type}` : message;
  return new RpcError(kindOf(type), text, { code: type, remote: true, retryable: isUnserved(type) });
}

/** The type that tells of an error. */
export function typeOf(error: RpcError): number {
  switch (error.kind) {
    case "unimplemented":
      return error.code !== undefined && isUnserved(error.code) ? error.code : ApplicationExceptionType.UNKNOWN_METHOD;
    case "protocol":
      return ApplicationExceptionType.PROTOCOL_ERROR;
    default:
      return ApplicationExceptionType.INTERNAL_ERROR;
  }
}

/** The kind of error that a type tells of. */
export function kindOf(type: number): ErrorKind {
  if (isUnserved(type)) return "unimplemented";
  if (type >= 2 && type <= 10 && type !== ApplicationExceptionType.INTERNAL_ERROR) return "protocol";
  return "internal";
}

function isUnserved(type: number): boolean {
  return type === ApplicationExceptionType.UNKNOWN_METHOD || type === ApplicationExceptionType.UNKNOWN_SERVICE ||
    type === ApplicationExceptionType.NO_SERVICE_NAME;
}
