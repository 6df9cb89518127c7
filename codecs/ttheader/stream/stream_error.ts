/**
 * Errors of TTHeader streaming: what an error of ours is on the wire, and back.
 *
 * An error travels as the type and the message of a TApplicationException, in a message of its own behind a Trailer or Rst
 * frame. From 12001 on the types are those of Kitex's streams.
 *
 * @module
 */
import { type ErrorKind, RpcError } from "../../../lib/errors.ts";
import type { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import { ApplicationExceptionSchema, decodeApplicationException, typeOf } from "../../thrift/application_exception.ts";
import { type MessageHeader, MessageType, type Payload } from "../../thrift/payload.ts";
import { StrKey } from "../keys.ts";

/** Types of stream errors. */
export const StreamErrorType: {
  /** The handler failed. */
  readonly APPLICATION: 12001;
  /** A Header frame where none may be. */
  readonly UNEXPECTED_HEADER: 12002;
  /** A business status that cannot be read. */
  readonly ILLEGAL_BIZ_ERROR: 12003;
  /** A frame that cannot be read. */
  readonly ILLEGAL_FRAME: 12004;
  /** A message after the end. */
  readonly ILLEGAL_OPERATION: 12005;
  /** The connection is closing. */
  readonly TRANSPORT_CLOSING: 12006;
  /** The caller gave up. */
  readonly BIZ_CANCEL: 12007;
  /** The caller gave up and says why. */
  readonly BIZ_CANCEL_WITH_CAUSE: 12008;
  /** The server gave up. */
  readonly DOWNSTREAM_CANCEL: 12009;
  /** The caller's caller gave up. */
  readonly UPSTREAM_CANCEL: 12010;
  /** Given up for another reason. */
  readonly INTERNAL_CANCEL: 12011;
  /** The handler has returned. */
  readonly HANDLER_RETURNED: 12012;
  /** The connection was closed. */
  readonly CONNECTION_CLOSED: 12013;
  /** No message came in time. */
  readonly RECV_TIMEOUT: 12014;
  /** The stream took too long. */
  readonly STREAM_TIMEOUT: 12015;
} = {
  APPLICATION: 12001,
  UNEXPECTED_HEADER: 12002,
  ILLEGAL_BIZ_ERROR: 12003,
  ILLEGAL_FRAME: 12004,
  ILLEGAL_OPERATION: 12005,
  TRANSPORT_CLOSING: 12006,
  BIZ_CANCEL: 12007,
  BIZ_CANCEL_WITH_CAUSE: 12008,
  DOWNSTREAM_CANCEL: 12009,
  UPSTREAM_CANCEL: 12010,
  INTERNAL_CANCEL: 12011,
  HANDLER_RETURNED: 12012,
  CONNECTION_CLOSED: 12013,
  RECV_TIMEOUT: 12014,
  STREAM_TIMEOUT: 12015,
};

/** What an Rst frame without a payload means to Kitex: a type that nothing else has, and a word. */
const BARE_RESET_TYPE = 13;

const MAX_ERROR_CHARS = 8_192;

const KINDS: ReadonlyMap<number, ErrorKind> = new Map<number, ErrorKind>([
  [StreamErrorType.APPLICATION, "internal"],
  [StreamErrorType.UNEXPECTED_HEADER, "protocol"],
  [StreamErrorType.ILLEGAL_BIZ_ERROR, "protocol"],
  [StreamErrorType.ILLEGAL_FRAME, "protocol"],
  [StreamErrorType.ILLEGAL_OPERATION, "protocol"],
  [StreamErrorType.TRANSPORT_CLOSING, "unavailable"],
  [StreamErrorType.BIZ_CANCEL, "canceled"],
  [StreamErrorType.BIZ_CANCEL_WITH_CAUSE, "canceled"],
  [StreamErrorType.DOWNSTREAM_CANCEL, "canceled"],
  [StreamErrorType.UPSTREAM_CANCEL, "canceled"],
  [StreamErrorType.INTERNAL_CANCEL, "canceled"],
  [StreamErrorType.HANDLER_RETURNED, "canceled"],
  [StreamErrorType.CONNECTION_CLOSED, "transport"],
  [StreamErrorType.RECV_TIMEOUT, "timeout"],
  [StreamErrorType.STREAM_TIMEOUT, "timeout"],
  [BARE_RESET_TYPE, "canceled"],
]);

/** The type that tells a client why its call failed. */
export function failureType(error: RpcError): number {
  if (isStreamType(error.code)) return error.code;
  if (error.kind === "unavailable") return StreamErrorType.TRANSPORT_CLOSING;
  if (error.kind === "timeout") return StreamErrorType.STREAM_TIMEOUT;
  return typeOf(error);
}

/** The type that tells a server why its client gave up; `late`: the call's time was over. */
export function cancelType(error: RpcError, late: boolean): number {
  if (isStreamType(error.code)) return error.code;
  if (error.kind === "timeout") return late ? StreamErrorType.STREAM_TIMEOUT : StreamErrorType.RECV_TIMEOUT;
  if (error.kind !== "canceled") return StreamErrorType.INTERNAL_CANCEL;
  // What `AbortController.abort()` gives says no more than that it was called.
  const { cause } = error;
  const plain = cause === undefined || (cause instanceof Error && cause.name === "AbortError");
  return plain ? StreamErrorType.BIZ_CANCEL : StreamErrorType.BIZ_CANCEL_WITH_CAUSE;
}

/** Appends the message that tells of an error. */
export function encodeFailure(
  payload: Payload,
  w: WriteBuffer,
  method: Uint8Array,
  streamId: number,
  type: number,
  error: RpcError,
): void {
  payload.writeMessageBegin(w, method, MessageType.EXCEPTION, streamId);
  payload.codec(ApplicationExceptionSchema).encode(w, { message: withoutPath(error).slice(0, MAX_ERROR_CHARS), type });
  payload.writeMessageEnd(w);
}

/** Reads the message that tells of an error; `path`: the services a cancellation came through, as `ttscp` has them. */
export function decodeFailure(payload: Payload, r: ReadBuffer, path?: string): RpcError {
  let error: RpcError;
  if (r.pos === r.end) error = new RpcError("canceled", "rst", { code: BARE_RESET_TYPE, remote: true });
  else {
    const header: MessageHeader = { type: 0, seqid: 0, nameStart: 0, nameEnd: 0 };
    try {
      payload.readMessageBegin(r, header);
      if (header.type !== MessageType.EXCEPTION) {
        throw new RpcError("protocol", `message type ${header.type} is no exception`);
      }
      error = decodeApplicationException(payload, r);
    } catch (reason) {
      const { message } = RpcError.from(reason, "protocol");
      error = new RpcError("protocol", `error of the stream cannot be read: ${message}`, {
        code: StreamErrorType.ILLEGAL_FRAME,
        cause: reason,
      });
    }
  }
  const { code = 0, remote, retryable } = error;
  const kind = remote ? KINDS.get(code) ?? error.kind : error.kind;
  return new RpcError(kind, withPath(error.message, path), {
    code,
    remote,
    retryable: retryable || code === StreamErrorType.TRANSPORT_CLOSING,
    extra: path === undefined ? undefined : { [StrKey.CANCEL_PATH]: path },
    cause: error.cause,
  });
}

/**
 * The services that a cancellation came through, with this one: what an Rst frame says under `ttscp`. Nothing if there are
 * none, or so many that it would be too long.
 */
export function cancelPath(error: RpcError, service: string | undefined): string | undefined {
  const before = error.extra?.[StrKey.CANCEL_PATH];
  const path = [before, service].filter((part) => part !== undefined && part !== "").join(",");
  return path === "" || path.length > MAX_ERROR_CHARS ? undefined : path;
}

function isStreamType(code: number | undefined): code is number {
  return code !== undefined && code >= StreamErrorType.APPLICATION && code <= StreamErrorType.STREAM_TIMEOUT;
}

function withPath(message: string, path: string | undefined): string {
  return path === undefined ? message : `${message}${pathText(path)}`;
}

/** The message without the path that `withPath` added: the path goes by itself. */
function withoutPath({ message, extra }: RpcError): string {
  const path = extra?.[StrKey.CANCEL_PATH];
  if (path === undefined) return message;
  const text = pathText(path);
  return message.endsWith(text) ? message.slice(0, -text.length) : message;
}

function pathText(path: string): string {
  return ` [canceled path: ${path.slice(0, MAX_ERROR_CHARS).split(",").join(" -> ")}]`;
}
