/**
 * JSON-RPC 2.0 as the Language Server Protocol uses it: requests in order, one at a time, cancellation beside them.
 *
 * @module
 */
import { type Framed, frameMessage } from "./framing.ts";

/** Error codes of JSON-RPC and of the protocol. */
export const ErrorCode = {
  ParseError: -32700,
  InvalidRequest: -32600,
  MethodNotFound: -32601,
  InvalidParams: -32602,
  InternalError: -32603,
  ServerNotInitialized: -32002,
  RequestCancelled: -32800,
  RequestFailed: -32803,
} as const;

/** A request is answered with this error. */
export class ResponseError extends Error {
  override readonly name = "ResponseError";
  /** One of `ErrorCode`. */
  readonly code: number;

  /** An error with its code. */
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Who does the work. */
export interface Handlers {
  /** Answers a request; what it throws becomes an error. `signal` fires when the client cancels it. */
  request(method: string, params: unknown, signal: AbortSignal): unknown;
  /** Takes a notification. */
  notify(method: string, params: unknown): void | Promise<void>;
  /** Is called when there is nothing to do at the moment. */
  idle(): Promise<void>;
  /** Says what went wrong, for people. */
  log(message: string): void;
}

/** The ids that JSON-RPC allows. */
type Id = string | number;

interface Work {
  readonly id: Id | undefined;
  readonly method: string;
  readonly params: unknown;
  readonly stop: AbortController;
}

/** Messages that wait before reading stops. */
const MAX_QUEUED = 1000;

/** One side of a conversation. */
export class RpcPeer {
  readonly #handlers: Handlers;
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #queue: Work[] = [];
  readonly #running = new Map<Id, AbortController>();
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #lastId = 0;
  #wake: (() => void) | undefined;
  #room: (() => void) | undefined;
  #sent: Promise<void> = Promise.resolve();
  #finishing = false;
  /** Was there a call of `poke` since `idle` began? */
  #poked = false;
  #ended = false;
  #broken = false;

  /** Handles messages with `handlers`, and writes through `write`, one message after the other. */
  constructor(handlers: Handlers, write: (bytes: Uint8Array) => Promise<void>) {
    this.#handlers = handlers;
    this.#write = write;
  }

  /** Takes what was read; resolves when more may be read. */
  async receive(framed: readonly Framed[]): Promise<void> {
    for (const each of framed) {
      if (each.kind === "message") this.#accept(each.text);
      else {
        const what = each.kind === "garbage" ? "bytes that are no message" : "bytes in one message, which is too long";
        this.#fail(undefined, new ResponseError(ErrorCode.ParseError, `${each.bytes} ${what}`));
      }
      while (this.#queue.length >= MAX_QUEUED && !this.#ended) await new Promise<void>((done) => this.#room = done);
    }
    // a slow reader at the other side holds us back
    await this.#sent;
  }

  /** Works until `end` or `finish` is called. */
  async run(): Promise<void> {
    while (!this.#ended) {
      const work = this.#queue.shift();
      if (work === undefined) {
        if (this.#finishing) return await this.#sent;
        this.#poked = false;
        await this.#handlers.idle();
        if (this.#queue.length === 0 && !this.#ended && !this.#finishing && !this.#poked) {
          await new Promise<void>((done) => this.#wake = done);
        }
        continue;
      }
      this.#room?.();
      await this.#do(work);
      // what came meanwhile is read: a cancellation may be among it
      await new Promise((done) => setTimeout(done, 0));
    }
    await this.#sent;
  }

  /** Lets `run` look whether there is something to do. */
  poke(): void {
    this.#poked = true;
    this.#wake?.();
  }

  /** Makes `run` end when it has done what was received. */
  finish(): void {
    this.#finishing = true;
    this.#wake?.();
  }

  /** Makes `run` end. */
  end(): void {
    this.#ended = true;
    for (const stop of this.#running.values()) stop.abort();
    this.#wake?.();
    this.#room?.();
  }

  /** Sends a notification. */
  notify(method: string, params: unknown): void {
    this.#send({ jsonrpc: "2.0", method, params });
  }

  /** Sends a request; resolves with its result, `undefined` if it failed. */
  request(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#lastId;
    this.#send({ jsonrpc: "2.0", id, method, params });
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  #accept(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch (cause) {
      return this.#fail(undefined, new ResponseError(ErrorCode.ParseError, `no JSON: ${(cause as Error).message}`));
    }
    if (typeof message !== "object" || message === null || Array.isArray(message)) {
      return this.#fail(undefined, new ResponseError(ErrorCode.InvalidRequest, "a message is an object"));
    }
    const { id, method, params, result } = message as Record<string, unknown>;
    if (method === undefined && typeof id === "number") {
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    } else if (typeof method !== "string" || !(id === undefined || typeof id === "string" || typeof id === "number")) {
      this.#fail(undefined, new ResponseError(ErrorCode.InvalidRequest, "a message has a method, and an id or none"));
    } else if (method === "$/cancelRequest") {
      const cancelled = (params as { id?: unknown } | undefined)?.id;
      if (typeof cancelled === "string" || typeof cancelled === "number") this.#running.get(cancelled)?.abort();
    } else {
      const stop = new AbortController();
      if (id !== undefined) this.#running.set(id, stop);
      this.#queue.push({ id, method, params, stop });
      this.#wake?.();
    }
  }

  async #do({ id, method, params, stop }: Work): Promise<void> {
    try {
      if (id === undefined) return await this.#handlers.notify(method, params);
      stop.signal.throwIfAborted();
      const result = await this.#handlers.request(method, params, stop.signal);
      this.#send({ jsonrpc: "2.0", id, result: result ?? null });
    } catch (reason) {
      if (stop.signal.aborted) this.#fail(id, new ResponseError(ErrorCode.RequestCancelled, "cancelled"));
      else if (reason instanceof ResponseError) this.#fail(id, reason);
      else {
        const text = reason instanceof Error ? reason.stack ?? reason.message : String(reason);
        this.#handlers.log(`${method} failed: ${text}`);
        this.#fail(id, new ResponseError(ErrorCode.InternalError, `${method} failed: ${String(reason)}`));
      }
    } finally {
      if (id !== undefined && this.#running.get(id) === stop) this.#running.delete(id);
    }
  }

  /** Answers with an error; without an id only where JSON-RPC says so, for what is no request. */
  #fail(id: Id | undefined, { code, message }: ResponseError): void {
    const isReadable = code !== ErrorCode.ParseError && code !== ErrorCode.InvalidRequest;
    if (id === undefined && isReadable) this.#handlers.log(message);
    else this.#send({ jsonrpc: "2.0", id: id ?? null, error: { code, message } });
  }

  #send(message: unknown): void {
    const bytes = frameMessage(message);
    this.#sent = this.#sent.then(() => this.#broken ? undefined : this.#write(bytes)).catch(() => {
      // nobody reads any more, so there is nobody to serve
      this.#broken = true;
      this.end();
    });
  }
}
