/**
 * One call of a gRPC client with streams of messages.
 *
 * Until the server has begun to answer what was sent is kept, within bounds: where a server proves that it did not see the call
 * (REFUSED_STREAM, a GOAWAY of an earlier stream) the call goes on on another connection.
 *
 * Spec: gRFC A6, "Transparent Retries".
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { ByteQueue } from "../../lib/io/byte_queue.ts";
import type { Call } from "../../lib/rpc/call.ts";
import type { WireStream } from "../../lib/rpc/protocol.ts";
import type { MessageQueue } from "../../lib/rpc/stream/message_queue.ts";
import type { HeaderList } from "../http2/header_list.ts";
import type { Binding } from "./bindings.ts";
import { ClientCall } from "./client_call.ts";
import type { GrpcClientSession } from "./client_session.ts";
import type { SentKeeper } from "./messages.ts";

/** So much unread of a stream is taken before its sender has to wait for the reader. */
const UNREAD_BYTES = 64 * 1024;
/** So much of what was sent is kept, at most: gRPC's buffer of a call. */
const MAX_HELD_BYTES = 256 * 1024;

/** A call with streams of messages. */
export class StreamClientCall extends ClientCall implements WireStream, SentKeeper {
  readonly #messages: MessageQueue;
  /** What was sent before the stream could be begun. */
  #early: (() => void)[] | undefined = [];
  /** The octets that were sent, while the stream may be begun again; `undefined` from then on. */
  #held: ByteQueue | undefined = new ByteQueue();
  #ended = false;
  #waits: { resolve: () => void; reject: (error: RpcError) => void }[] = [];
  #unread = 0;
  #owed = 0;

  /** Hands what comes to `messages`. */
  constructor(session: GrpcClientSession, call: Call, binding: Binding, messages: MessageQueue) {
    super(session, call, binding);
    this.#messages = messages;
  }

  override start(): void {
    this.session.begin(this, this.binding);
    const early = this.#early!;
    this.#early = undefined;
    for (const go of early) go();
  }

  /** Goes on on another connection, as if it had not begun. */
  moveTo(session: GrpcClientSession): this {
    this.session = session;
    return this;
  }

  override headers(list: HeaderList, ended: boolean): void {
    this.#held = undefined;
    super.headers(list, ended);
  }

  send(message: unknown): void | Promise<void> {
    if (this.over) return;
    const { stream } = this;
    if (stream === undefined) return this.#later(() => this.send(message));
    if (this.sendOn(stream, message, false, this.#held === undefined ? undefined : this)) return;
    return new Promise((resolve, reject) => this.#waits.push({ resolve, reject }));
  }

  keep(bytes: Uint8Array, start: number, end: number): void {
    const held = this.#held;
    if (held === undefined) return;
    if (held.length + end - start > MAX_HELD_BYTES) this.#held = undefined;
    else held.append(bytes, start, end);
  }

  end(): void {
    if (this.over) return;
    if (this.stream === undefined) return void this.#early!.push(() => this.end());
    this.#ended = true;
    this.session.link.h2.end(this.stream);
  }

  fail(error: RpcError): void {
    if (this.over) return;
    this.drop();
    this.#leave(error);
  }

  consumed(bytes: number): void {
    this.#unread -= bytes;
    this.#giveBack();
  }

  override writable(): void {
    for (const { resolve } of this.#waits.splice(0)) resolve();
  }

  override take(message: unknown, bytes: number): void {
    this.#unread += bytes;
    this.#messages.push(message, bytes);
  }

  override taken(bytes: number): void {
    this.#owed += bytes;
    this.#giveBack();
  }

  override settle(error: RpcError | undefined): void {
    // Nothing more can come: what is not read yet must not hold back the connection's other streams.
    this.#giveBack();
    if (error !== undefined && this.#held !== undefined && this.#messages.recover(error)) return this.#rewind();
    this.#leave(error ?? new RpcError("canceled", "the stream has ended"));
    if (error === undefined) this.#messages.end();
    else this.#messages.fail(error);
  }

  /** The server did not see the stream: it is as if it had not begun. */
  #rewind(): void {
    this.session.leave(this);
    this.over = false;
    if (this.stream === undefined) return;
    this.stream = undefined;
    this.#early = [() => this.#sendHeld()];
  }

  #sendHeld(): void {
    const { bytes, start, end } = this.#held!;
    const stream = this.stream!;
    const { h2 } = this.session.link;
    const roomy = start === end || h2.data(stream, bytes, start, end, false);
    if (this.#ended) h2.end(stream);
    if (roomy) this.writable();
  }

  #leave(error: RpcError): void {
    this.session.leave(this);
    for (const { reject } of this.#waits.splice(0)) reject(error);
  }

  /** Lets the server send as much more as was taken, unless too much of it was not read. */
  #giveBack(): void {
    if (this.#owed === 0 || (this.#unread > UNREAD_BYTES && !this.over) || this.stream === undefined) return;
    const owed = this.#owed;
    this.#owed = 0;
    this.session.link.h2.consumed(this.stream, owed);
  }

  #later(go: () => void | Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waits.push({ resolve, reject });
      this.#early!.push(() => {
        try {
          Promise.resolve(go()).then(resolve, reject);
        } catch (error) {
          reject(error);
        }
      });
    });
  }
}
