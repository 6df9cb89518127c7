/**
 * The messages of gRPC in the content of HTTP/2 streams, of one direction of a connection.
 *
 * @module
 */
import { PREFIX_BYTES } from "../../codecs/grpc/message_reader.ts";
import type { Compressor } from "../../lib/compressor.ts";
import { RpcError } from "../../lib/errors.ts";
import { ByteQueue } from "../../lib/io/byte_queue.ts";
import type { MessageReader } from "./messages.ts";
import type { Direction } from "./sniffed.ts";

/** Streams of a connection that are kept in mind; of more the oldest are forgotten. */
const MAX_STREAMS = 1_000;

/** A call, as its request's header tells of it. */
export interface GrpcCall {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** True if its messages are Thrift. */
  readonly thrift: boolean;
}

/** The calls of a connection by their streams: what the client's direction says is of use for the server's. */
export class GrpcCalls {
  readonly #calls = new Map<number, GrpcCall>();

  /** A call has begun. */
  add(stream: number, call: GrpcCall): void {
    keep(this.#calls, stream, call);
  }

  /** The call on a stream, if its beginning was seen. */
  of(stream: number): GrpcCall | undefined {
    return this.#calls.get(stream);
  }

  /** The stream is over. */
  end(stream: number): void {
    this.#calls.delete(stream);
  }
}

/** What a message of gRPC says. */
interface ShownMessage {
  readonly compressed: boolean;
  readonly length: number;
  readonly body?: unknown;
  readonly error?: string;
}

interface Content {
  readonly encoding: string | undefined;
  readonly queue: ByteQueue;
}

/** Options of `GrpcReader`. */
export interface GrpcReaderOptions {
  /** Which side the bytes come from. */
  readonly from: Direction;
  /** Reads messages. */
  readonly messages: MessageReader;
  /** The calls of the connection. */
  readonly calls: GrpcCalls;
  /** Ways to decompress. */
  readonly compressors: readonly Compressor[];
  /** Bytes of messages that are not whole that all streams may hold, and of one message. */
  readonly maxBytes: number;
}

/** Reads the messages of one direction. */
export class GrpcReader {
  readonly #options: GrpcReaderOptions;
  readonly #contents = new Map<number, Content>();
  #held = 0;

  constructor(options: GrpcReaderOptions) {
    this.#options = options;
  }

  /** The header of a stream, or its trailers. */
  headers(stream: number, fields: ReadonlyMap<string, string>): void {
    const type = fields.get("content-type");
    if (type === undefined || !type.startsWith("application/grpc")) return;
    const path = fields.get(":path");
    if (path !== undefined) {
      this.#options.calls.add(stream, { path, thrift: type.startsWith("application/grpc+thrift") });
    }
    keep(this.#contents, stream, { encoding: fields.get("grpc-encoding"), queue: new ByteQueue() });
  }

  /** Content of a stream: the messages that end in it; `undefined` if it is not gRPC. Never throws. */
  data(stream: number, bytes: Uint8Array): readonly ShownMessage[] | undefined {
    const content = this.#contents.get(stream);
    if (content === undefined) return undefined;
    const { queue } = content;
    this.#held -= queue.length;
    queue.append(bytes, 0, bytes.length);
    const shown: ShownMessage[] = [];
    while (queue.length >= PREFIX_BYTES) {
      const at = queue.start;
      const view = new DataView(queue.bytes.buffer, queue.bytes.byteOffset + at);
      const flag = view.getUint8(0);
      const length = view.getUint32(1);
      const wrong = flag > 1
        ? `${flag} is no flag of a message`
        : length > this.#options.maxBytes
        ? "too large"
        : undefined;
      if (wrong !== undefined) {
        shown.push({ compressed: flag === 1, length, error: `${wrong}: messages of the stream are not read any more` });
        this.#contents.delete(stream);
        return shown;
      }
      if (queue.length < PREFIX_BYTES + length) break;
      const message = queue.bytes.slice(at + PREFIX_BYTES, at + PREFIX_BYTES + length);
      shown.push({ compressed: flag === 1, length, ...this.#body(stream, content, flag === 1, message) });
      queue.drop(PREFIX_BYTES + length);
    }
    this.#held += queue.length;
    if (this.#held > this.#options.maxBytes) {
      this.#held -= queue.length;
      this.#contents.delete(stream);
    }
    return shown;
  }

  /** The stream is over in this direction. */
  end(stream: number): void {
    this.#held -= this.#contents.get(stream)?.queue.length ?? 0;
    this.#contents.delete(stream);
    if (this.#options.from === "server") this.#options.calls.end(stream);
  }

  #body(
    stream: number,
    { encoding }: Content,
    compressed: boolean,
    message: Uint8Array,
  ): { readonly body?: unknown; readonly error?: string } {
    const { messages, calls, compressors, from, maxBytes } = this.#options;
    if (!compressed) return messages.readGrpc(calls.of(stream), from, message);
    const compressor = compressors.find(({ name }) => name === encoding);
    if (compressor === undefined) return { error: `compressed by ${encoding ?? "nothing that was named"}` };
    try {
      return messages.readGrpc(calls.of(stream), from, compressor.decompress(message, maxBytes));
    } catch (reason) {
      return { error: RpcError.from(reason).message };
    }
  }
}

function keep<T>(map: Map<number, T>, stream: number, value: T): void {
  map.set(stream, value);
  if (map.size <= MAX_STREAMS) return;
  const [oldest] = map.keys();
  map.delete(oldest!);
}
