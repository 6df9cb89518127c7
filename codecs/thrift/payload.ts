/**
 * Thrift's payloads: Binary, Compact and JSON are of this shape.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import type { StructSchema } from "../../lib/schema/types.ts";
import type { Codec, MessagePayload } from "../message/payload.ts";
import type { Limits } from "./limits.ts";

export { type MessageHeader, MessageType } from "../message/payload.ts";

/**
 * Writes and reads the values of one struct. Reading throws `UNDERRUN` if the bytes end early, else an `RpcError` of kind
 * `"protocol"`.
 */
export type StructCodec<T> = Codec<T>;

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
export interface Payload extends MessagePayload {
  /** Its name. */
  readonly name: "binary" | "compact" | "json";
  /** Only Thrift services. */
  readonly kind: "thrift";
  /** The codec of a struct: straight-line code where it was generated, else made from the schema. Ask once and keep it. */
  codec<T>(schema: StructSchema<T>): StructCodec<T>;
  /** Reads the end of a message. */
  readMessageEnd(r: ReadBuffer): void;
  /** Moves over a struct: the body of a message that nobody decodes. */
  skipStruct(r: ReadBuffer): void;
  /** A scanner for unframed messages. `limits` defaults to the payload's. */
  scanner(limits?: Limits): MessageScanner;
}
