/**
 * What request and answer messages need of the format of their bytes: Thrift's protocols and Kitex Protobuf implement it.
 *
 * A message is an envelope (a type, the method's name, a sequence id) and a body: the arguments, the outcome, or an
 * error.
 *
 * @module
 */
import type { RpcError } from "../../lib/errors.ts";
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { MethodSchema, PayloadKind } from "../../lib/schema/service.ts";

/** Types of messages; the same in Thrift and Kitex Protobuf. */
export const MessageType: {
  /** A call that wants an answer. */
  readonly CALL: 1;
  /** The answer of a call that succeeded, or failed with an exception its IDL declares. */
  readonly REPLY: 2;
  /** The answer of a call that failed otherwise. */
  readonly EXCEPTION: 3;
  /** A call that wants no answer. */
  readonly ONEWAY: 4;
} = { CALL: 1, REPLY: 2, EXCEPTION: 3, ONEWAY: 4 };

/** The envelope of a message. */
export interface MessageHeader {
  /** Type of the message; see `MessageType`. Not checked by the payload. */
  type: number;
  /** Sequence id, an i32. */
  seqid: number;
  /** Where the method's name begins in `r.bytes`. */
  nameStart: number;
  /** Where it ends. */
  nameEnd: number;
}

/** Writes and reads the values of one type. */
export interface Codec<T> {
  /**
   * Appends a value. Throws an `RpcError` of kind `"invalid"` that names the path to what does not fit; nothing is
   * appended then.
   */
  encode(w: WriteBuffer, value: T): void;
  /**
   * Reads a value at `r.pos` and moves it behind the value. Strings and binaries are copies. Throws an `RpcError` of
   * kind `"protocol"`.
   */
  decode(r: ReadBuffer): T;
}

/** Values by their names: the arguments of a call, or its outcome. */
export type Values = Record<string, unknown>;

/** How the messages of one method are written and read. */
export interface MethodCodec {
  /** Its arguments by parameter. */
  readonly args: Codec<Values>;
  /** Its outcome: `success`, or an exception by its name; nothing at all for an empty answer. */
  readonly result: Codec<Values>;
}

/** How messages are encoded. Holds no state of a connection. */
export interface MessagePayload {
  /** Its name in errors. */
  readonly name: string;
  /** The services it can carry. */
  readonly kind: PayloadKind;
  /** How the messages of a method are written and read. Ask once and keep it. Throws an `RpcError` of kind `"invalid"` if the method is of another kind. */
  bind(method: MethodSchema): MethodCodec;
  /** Appends the beginning of a message; `name` is the method's, as UTF-8. */
  writeMessageBegin(w: WriteBuffer, name: Uint8Array, type: number, seqid: number): void;
  /** Appends the end of a message. */
  writeMessageEnd(w: WriteBuffer): void;
  /** Reads the beginning of a message into `header`, and makes `r` keep the limits. Throws as `Codec.decode` does. */
  readMessageBegin(r: ReadBuffer, header: MessageHeader): void;
  /** Appends the body of an exception message that tells of `error`: its kind as a type, and its message. */
  writeException(w: WriteBuffer, error: RpcError): void;
  /** Reads the body of an exception message as an error whose `remote` is true and whose `code` is the type. */
  readException(r: ReadBuffer): RpcError;
  /** The byte that every message begins with; `undefined` if there is no such. */
  readonly firstByte: number | undefined;
  /** Do the first bytes begin a message of this payload? `null` if there are too few to tell. */
  detect(bytes: Uint8Array): boolean | null;
}
