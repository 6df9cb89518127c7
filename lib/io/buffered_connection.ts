/**
 * A connection with Netpoll's Reader and Writer (pull mode), for people who read and write as they go.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { BufferPool } from "./buffer_pool.ts";
import { Connection } from "./connection.ts";
import type { ConnectionHandler, InputHandler, PullHandler } from "./connection_handler.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import { LinkBuffer } from "./link_buffer.ts";
import type { RawConn } from "./raw.ts";
import { BufferedReader, type Reader } from "./reader.ts";
import { BufferedWriter, type Writer } from "./writer.ts";

/** A connection over a transport's `RawConn`, whose only user it is. */
export class BufferedConnection extends Connection {
  readonly #reader: BufferedReader;
  readonly #writer: BufferedWriter;

  /** Wraps `raw`, which must not have been started. */
  constructor(raw: RawConn, options: ConnectionOptions = {}) {
    const { pool = new BufferPool(), readTimeoutMs = 0 } = options;
    super(raw, options.pool === undefined ? { ...options, pool } : options);
    this.#reader = new BufferedReader(new LinkBuffer(pool), this, readTimeoutMs);
    this.#writer = new BufferedWriter(new LinkBuffer(pool), this);
  }

  /** The input. */
  get reader(): Reader {
    return this.#reader;
  }

  /** The output: what `writer.flush` hands over follows what is in `output` then. */
  get writer(): Writer {
    return this.#writer;
  }

  /** Begins, once: in pull mode, or with a handler that gets all input. May call it before this returns. */
  override start(handler?: ConnectionHandler): void {
    super.start(handler ?? pullInput(this.#reader, {}));
  }

  /** Begins in pull mode with somebody to tell. May call the handler before it returns. */
  startPull(handler: PullHandler): void {
    super.start(pullInput(this.#reader, handler));
  }

  /** Replaces the handler, or ends pull mode; what is not consumed is offered to it, and so is an end that already came. */
  override setHandler(handler: ConnectionHandler, input: Uint8Array = this.#reader.takeAll()): void {
    this.#reader.end(new RpcError("invalid", "the connection went over to push mode"));
    super.setHandler(handler, input);
  }

  /** See `Connection.close`. A read that waits ends at once. */
  override close(): Promise<void> {
    const closed = super.close();
    this.#reader.end();
    return closed;
  }
}

/** Feeds `reader`, and tells `handler`. */
function pullInput(reader: BufferedReader, handler: PullHandler): InputHandler {
  const chunk = (bytes: Uint8Array, owned: boolean): void => {
    if (!reader.feed(bytes, owned)) handler.readable?.();
  };
  return {
    chunk,
    get keptBytes(): number {
      return reader.wanted <= reader.len ? reader.len : 0;
    },
    data(bytes) {
      chunk(bytes, false);
      return bytes.length;
    },
    expire: (nowMs) => reader.expire(nowMs),
    end() {
      reader.end();
      handler.end?.();
    },
    close(reason, byPeer = false) {
      reader.end(reason);
      handler.close?.(reason, byPeer);
    },
  };
}
