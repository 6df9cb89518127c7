/**
 * One HTTP/1.1 connection of a server: requests in, one at a time, their answers out in the same order.
 *
 * What comes after a request that is not answered yet waits here, up to a bound; then the peer has to wait. So the end of a
 * connection is heard while a handler runs, and its request is given up.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { FieldList } from "../../lib/http/fields.ts";
import type { HttpHandler, HttpResponse, OutgoingBody } from "../../lib/http/message.ts";
import { ByteQueue } from "../../lib/io/byte_queue.ts";
import type { Connection, ConnectionHandler } from "../../lib/io/connection.ts";
import { LINK_BYTES, linkedNode } from "../../lib/io/link_node.ts";
import type { Timer } from "../../lib/io/timer_wheel.ts";
import type { ServerHost, ServerSession } from "../../lib/rpc/protocol.ts";
import { ContentReader } from "./content.ts";
import { HttpFault } from "./fault.ts";
import { HeadScanner, readHead, type RequestHead } from "./head.ts";
import type { Http1Limits } from "./options.ts";
import { planResponse, trailerText } from "./response.ts";
import { Turn } from "./turn.ts";

/** So much that nobody has read yet is taken before the peer has to wait. */
const UNREAD_BYTES = 64 * 1024;
/** How long a peer may take to close its side after this one did. */
const LINGER_MS = 1_000;
const CRLF = Uint8Array.of(0x0d, 0x0a);
const encoder = new TextEncoder();

/** One connection. */
export class Http1Session implements ConnectionHandler, ServerSession {
  readonly #conn: Connection;
  readonly #host: ServerHost;
  readonly #handler: HttpHandler;
  readonly #limits: Http1Limits;
  /** What came and was not taken. */
  readonly #ahead = new ByteQueue();
  #scanner: HeadScanner;
  #turn: Turn | undefined;
  #content: ContentReader | undefined;
  #timer: Timer | undefined;
  #held = false;
  /** No further request is taken. */
  #last = false;
  /** The last answer was sent; input is dropped. */
  #over = false;

  /** Takes over a connection that was detected. */
  constructor(conn: Connection, host: ServerHost, handler: HttpHandler, limits: Http1Limits) {
    this.#conn = conn;
    this.#host = host;
    this.#handler = handler;
    this.#limits = limits;
    this.#scanner = new HeadScanner(limits, true);
    conn.setHandler(this);
  }

  shutdown(): void {
    this.#last = true;
    // A request that is not all there was not accepted.
    if (this.#turn === undefined && !this.#over) void this.#conn.close();
  }

  abort(error: RpcError): void {
    this.#last = true;
    const turn = this.#turn;
    turn?.fail(error);
    if (turn !== undefined && !turn.begun && !this.#over) this.#answerFault(new HttpFault(503, error.message));
    else void this.#conn.close();
  }

  data(bytes: Uint8Array): number {
    if (this.#over) return bytes.length;
    if (this.#ahead.length === 0) {
      const taken = this.#take(bytes, 0, bytes.length);
      if (taken < bytes.length && !this.#over) this.#ahead.append(bytes, taken);
    } else {
      this.#ahead.append(bytes);
      this.#takeAhead();
    }
    this.#regulate();
    return bytes.length;
  }

  end(): void {
    this.#turn?.fail(new RpcError("canceled", "the client closed the connection"));
    void this.#conn.close();
  }

  idle(): boolean {
    return this.#turn !== undefined;
  }

  close(reason?: unknown): void {
    this.#over = true;
    this.#stopTimer();
    this.#turn?.fail(new RpcError("canceled", "the client is gone", { cause: reason }));
  }

  // What comes.

  #takeAhead(): void {
    const queue = this.#ahead;
    const { start } = queue;
    queue.drop(this.#take(queue.bytes, start, queue.end) - start);
  }

  /** Takes what it can; gives where it stopped. */
  #take(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    try {
      while (at < end && !this.#over) {
        const content = this.#content;
        if (content !== undefined) {
          at = content.read(bytes, at, end);
          if (!content.over) return at;
          this.#content = undefined;
        } else if (this.#turn !== undefined || this.#last) {
          return at;
        } else {
          const after = this.#takeHead(bytes, at, end);
          if (after < 0) return at;
          at = after;
        }
      }
    } catch (reason) {
      this.#refuse(reason);
      return end;
    }
    return this.#over ? end : at;
  }

  #takeHead(bytes: Uint8Array, at: number, end: number): number {
    if (this.#scanner.empty) {
      // An empty line before a request is left over from the one before (RFC 9112 §2.2).
      if (bytes[at] === 0x0d && end - at >= 2 && bytes[at + 1] === 0x0a) {
        this.#stopTimer();
        return at + 2;
      }
      this.#startTimer(this.#limits.headTimeoutMs, "no whole request header");
      if (bytes[at] === 0x0d && end - at < 2) return -1;
    }
    const after = this.#scanner.scan(bytes, at, end);
    if (after < 0) return after;
    this.#stopTimer();
    this.#scanner = new HeadScanner(this.#limits, true);
    this.#begin(readHead(bytes, at, after, this.#limits));
    return after;
  }

  #begin(head: RequestHead): void {
    const turn = this.#turn = new Turn(head, () => this.#regulate());
    const content = new ContentReader(head.framing, this.#limits, {
      push: (bytes, start, end) => {
        turn.unread += end - start;
        turn.body.push(bytes, start, end);
        this.#watchContent();
      },
      end: (trailers) => {
        turn.whole = true;
        this.#stopTimer();
        turn.body.end(trailers);
      },
    });
    if (!content.over) {
      this.#content = content;
      this.#watchContent();
      if (head.expectsContinue) this.#write(encoder.encode("HTTP/1.1 100 Continue\r\n\r\n"));
    }
    void this.#serve(turn);
  }

  /** Makes the peer wait while too much is unread, and go on after. */
  #regulate(): void {
    const unread = this.#ahead.length + (this.#turn?.unread ?? 0);
    const hold = !this.#over && unread > UNREAD_BYTES;
    if (hold === this.#held) return;
    this.#held = hold;
    if (hold) this.#conn.hold();
    else this.#conn.release();
  }

  // What goes.

  async #serve(turn: Turn): Promise<void> {
    let response: HttpResponse;
    try {
      const scheme = this.#conn.tls === undefined ? "http" : "https";
      response = await this.#handler(turn.request(scheme, this.#conn.remote));
    } catch (reason) {
      this.#host.refused(RpcError.from(reason, "internal"));
      response = { status: 500 };
    }
    let keepAlive = false;
    try {
      keepAlive = await this.#answer(turn, response);
    } catch (reason) {
      if (!turn.begun && turn.error === undefined) {
        this.#host.refused(RpcError.from(reason, "internal"));
        keepAlive = await this.#answer(turn, { status: 500 }).catch(() => false);
      } else if (!this.#over) {
        // The content is cut off: its end is missing, so the client knows.
        this.#over = true;
        void this.#conn.close();
      }
    }
    turn.body.leave();
    if (this.#over) return;
    if (!keepAlive) return this.#leave();
    this.#turn = undefined;
    this.#takeAhead();
    this.#regulate();
    if (this.#last && this.#turn === undefined) void this.#conn.close();
  }

  /** Sends an answer; true if the connection goes on. Rejects if it cannot be sent whole. */
  async #answer(turn: Turn, response: HttpResponse): Promise<boolean> {
    const { body } = response;
    if (turn.begun || turn.error !== undefined || this.#over) {
      leaveBody(body);
      throw turn.error ?? new RpcError("canceled", "the request was answered before");
    }
    let plan: ReturnType<typeof planResponse>;
    let trailers: string;
    try {
      plan = planResponse(turn.head, response, turn.whole && !this.#last, new Date());
      trailers = trailerText(response.trailers);
    } catch (reason) {
      leaveBody(body);
      throw reason;
    }
    turn.begun = true;
    this.#write(latin1(plan.head));
    if (plan.content === "none") leaveBody(body);
    else if (plan.content === "plain" && (typeof body === "string" || body instanceof Uint8Array)) {
      if (body.length > 0) this.#write(typeof body === "string" ? encoder.encode(body) : body);
    } else {
      await this.#stream(turn, body ?? [], plan.content === "chunked");
      if (plan.content === "chunked") this.#write(latin1(`0\r\n${trailers}`));
    }
    return plan.keepAlive;
  }

  async #stream(turn: Turn, body: OutgoingBody, chunked: boolean): Promise<void> {
    const chunks = typeof body === "string" ? [encoder.encode(body)] : body instanceof Uint8Array ? [body] : body;
    const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
    const leave = (): void => leaveIterator(iterator);
    turn.signal.addEventListener("abort", leave, { once: true });
    try {
      for (let step; (step = await iterator.next()).done !== true;) {
        const chunk = step.value;
        if (turn.error !== undefined) break;
        if (chunk.length === 0) continue;
        if (chunked) this.#write(latin1(`${chunk.length.toString(16)}\r\n`), false);
        this.#write(chunk, !chunked);
        if (chunked) this.#write(CRLF);
        const room = this.#conn.flush();
        if (room !== undefined) await room;
      }
    } catch (reason) {
      leave();
      throw reason;
    } finally {
      turn.signal.removeEventListener("abort", leave);
    }
    if (turn.error !== undefined) throw turn.error;
  }

  /** Who has to wait asks the connection. */
  #write(bytes: Uint8Array, last = true): void {
    const conn = this.#conn;
    conn.checkWritable();
    if (bytes.length > LINK_BYTES) return void conn.send(linkedNode(bytes));
    const { output } = conn;
    output.reserve(bytes.length);
    output.bytes.set(bytes, output.pos);
    output.pos += bytes.length;
    if (last) conn.commit();
  }

  /** What came is no request, or takes too long. */
  #refuse(reason: unknown): void {
    const fault = reason instanceof HttpFault ? reason : new HttpFault(400, RpcError.from(reason, "protocol").message);
    this.#host.refused(fault);
    const turn = this.#turn;
    turn?.fail(fault);
    if (turn === undefined || !turn.begun) this.#answerFault(fault);
    else {
      this.#over = true;
      void this.#conn.close();
    }
  }

  #answerFault({ status, message }: HttpFault): void {
    const head = { method: "GET", path: "/", authority: "", minor: 1, framing: 0, keepAlive: false } as const;
    const plan = planResponse(
      { ...head, expectsContinue: false, fields: new FieldList() },
      { status, headers: { "content-type": "text/plain" }, body: `${message}\n` },
      false,
      new Date(),
    );
    if (!this.#conn.closed) {
      this.#write(latin1(plan.head), false);
      this.#write(encoder.encode(`${message}\n`));
    }
    this.#leave();
  }

  /** Sends FIN and drops what still comes: closing at once could take the answer from the peer. */
  #leave(): void {
    this.#over = true;
    this.#ahead.clear();
    this.#regulate();
    this.#stopTimer();
    if (!this.#conn.isActive) return void this.#conn.close();
    const { wheel } = this.#host;
    this.#timer = wheel.add(wheel.clock.now() + LINGER_MS, () => void this.#conn.close());
    this.#conn.closeWrite();
  }

  // Time.

  #watchContent(): void {
    this.#startTimer(this.#limits.bodyTimeoutMs, "no content");
  }

  #startTimer(ms: number, what: string): void {
    this.#stopTimer();
    if (ms === Infinity) return;
    const { wheel } = this.#host;
    this.#timer = wheel.add(wheel.clock.now() + ms, () => {
      if (this.#held) return this.#startTimer(ms, what); // it is this side that does not read
      this.#refuse(new HttpFault(408, `${what} within ${ms} ms`));
    });
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#host.wheel.cancel(this.#timer);
    this.#timer = undefined;
  }
}

/** Leaves chunks that nobody will read. */
function leaveBody(body: OutgoingBody | undefined): void {
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) return;
  leaveIterator(Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]());
}

function leaveIterator(iterator: Iterator<unknown> | AsyncIterator<unknown>): void {
  // Leaving is all there is to it: how its source takes that is no matter of this connection.
  (async () => await iterator.return?.())().catch(() => {});
}

function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
