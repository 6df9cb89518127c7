/**
 * What framed and buffered Thrift need of a payload: Binary, Compact and JSON implement it.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { WriteBuffer } from "../../lib/io/write_buffer.ts";
import type { StructSchema } from "../../lib/schema/types.ts";
import type { Limits } from "./limits.ts";

export { MessageType } from "./ttype.ts";

/** Writes and reads the values of one struct. */
export interface StructCodec<T> {
  /**
   * Appends a value. Throws an `RpcError` of kind `"invalid"` that names the path to what does not fit; nothing is
   * appended then.
   */
  encode(w: WriteBuffer, value: T): void;
  /**
   * Reads a value at `r.pos` and moves it behind the value. Strings and binaries are copies. Throws `UNDERRUN` if the
   * bytes end early, else an `RpcError` of kind `"protocol"`.
   */
  decode(r: ReadBuffer): T;
}

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

/** Finds the end of an unframed message as its bytes come in; looks at each byte a bounded number of times. */
export interface MessageScanner {
  /**
   * Goes on scanning the message that begins at `bytes[start]` (default 0); gives the index after its end, or -1 if it
   * is not all there. Each call must bring the bytes of those before it again, at any place, with more behind them.
   * Throws an `RpcError` of kind `"protocol"` if there can never be a message.
   */
  scan(bytes: Uint8Array, start?: number): number;
  /** Begins with a new message. */
  reset(): void;
}

/** How messages are encoded. Holds no state of a connection. */
export interface Payload {
  /** Its name. */
  readonly name: "binary" | "compact" | "json";
  /** The codec of a struct: straight-line code where it was generated, else made from the schema. Ask once and keep it. */
  codec<T>(schema: StructSchema<T>): StructCodec<T>;
  /** Appends the beginning of a message; `name` is the method's, as UTF-8. */
  writeMessageBegin(w: WriteBuffer, name: Uint8Array, type: number, seqid: number): void;
  /** Appends the end of a message. */
  writeMessageEnd(w: WriteBuffer): void;
  /** Reads the beginning of a message into `header`, and makes `r` keep the limits. Throws as `StructCodec.decode` does. */
  readMessageBegin(r: ReadBuffer, header: MessageHeader): void;
  /** Reads the end of a message. */
  readMessageEnd(r: ReadBuffer): void;
  /** Moves over a struct: the body of a message that nobody decodes. */
  skipStruct(r: ReadBuffer): void;
  /** A scanner for unframed messages. `limits` defaults to the payload's. */
  scanner(limits?: Limits): MessageScanner;
  /** Do the first bytes begin a message of this payload? `null` if there are too few to tell. */
  detect(bytes: Uint8Array): boolean | null;
}
