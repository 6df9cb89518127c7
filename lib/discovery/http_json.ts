/**
 * JSON and forms over HTTP, as registries speak it: several endpoints, time and size limits, answers that stream line by line. On
 * `fetch`.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { type Clock, systemClock } from "../io/clock.ts";

/** How a registry is reached. */
export interface HttpJsonOptions {
  /** Base addresses, `http://127.0.0.1:2379`; after a failure the next one is asked. */
  readonly endpoints: readonly string[];
  /** Milliseconds an answer may take, of one that streams: its beginning. Default 5,000. */
  readonly timeoutMs?: number | undefined;
  /** Bytes of an answer, of one that streams: of a line. Default 4 MiB. */
  readonly maxBytes?: number | undefined;
  /** Header fields of every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What requests are made with. Default: the runtime's `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Tells the time. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** One request. */
export interface HttpJsonRequest {
  /** The method; default `POST` with a body or a form, `GET` without. */
  readonly method?: string | undefined;
  /** What is sent as JSON. */
  readonly body?: unknown;
  /** What is sent as a form instead. */
  readonly form?: Readonly<Record<string, string>> | undefined;
  /** Header fields of this one. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Gives it up. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds instead of the client's. */
  readonly timeoutMs?: number | undefined;
}

/** An answer with a body of JSON. */
export interface HttpJsonAnswer {
  /** The value; `undefined` for an empty body. */
  readonly value: unknown;
  /** Header fields. */
  readonly headers: Headers;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;
/** What of an error's body is told. */
const MAX_TOLD = 200;

/** Asks a registry. Everything rejects with an `RpcError`: `"connect"`, `"timeout"`, `"canceled"`, or `"unavailable"` with the status as code. */
export class HttpJson {
  readonly #options: HttpJsonOptions;
  #at = 0;

  /** Throws an `RpcError` of kind `"invalid"` for endpoints that are no HTTP addresses. */
  constructor(options: HttpJsonOptions) {
    if (options.endpoints.length === 0) throw new RpcError("invalid", "a registry needs an endpoint");
    for (const endpoint of options.endpoints) {
      if (!/^https?:\/\/[^/]/.test(endpoint)) {
        throw new RpcError("invalid", `endpoint "${endpoint}" is no http:// or https:// address`);
      }
    }
    this.#options = options;
  }

  /** One request and its whole answer. */
  async ask(path: string, request: HttpJsonRequest = {}): Promise<HttpJsonAnswer> {
    return await this.#whole(path, request, (text, headers) => ({
      value: text === "" ? undefined : parse(text),
      headers,
    }));
  }

  /** One request whose answer is a word of any kind. */
  async askText(path: string, request: HttpJsonRequest = {}): Promise<string> {
    return await this.#whole(path, request, (text) => text);
  }

  /**
   * One request whose answer is lines of JSON; leaving the loop gives it up. It ends when the other side ends it, or when nothing
   * came for `silentMs`: a peer whose machine is gone never says so.
   */
  async *lines(path: string, request: HttpJsonRequest & { readonly silentMs: number }): AsyncGenerator<unknown> {
    const { clock = systemClock, maxBytes = DEFAULT_MAX_BYTES } = this.#options;
    const open = await this.#open(path, request);
    open.begun();
    try {
      /** The line that has begun, in parts, so that a slow one is not put together again with every part. */
      let begun: string[] = [];
      let length = 0;
      for await (const text of texts(open, { ms: request.silentMs, clock })) {
        const parts = text.split("\n");
        for (const [i, part] of parts.entries()) {
          begun.push(part);
          length += part.length;
          if (length > maxBytes) throw new RpcError("protocol", `a line of more than ${maxBytes} bytes`);
          if (i === parts.length - 1) break;
          const line = begun.join("");
          [begun, length] = [[], 0];
          if (line.trim() !== "") yield parse(line);
        }
      }
      const line = begun.join("");
      if (line.trim() !== "") yield parse(line);
    } catch (error) {
      throw open.failure(error);
    } finally {
      open.close();
    }
  }

  async #whole<T>(path: string, request: HttpJsonRequest, read: (text: string, headers: Headers) => T): Promise<T> {
    const open = await this.#open(path, request);
    try {
      const text = await readText(open, this.#options.maxBytes ?? DEFAULT_MAX_BYTES);
      return read(text, open.response.headers);
    } catch (error) {
      throw open.failure(error);
    } finally {
      open.close();
    }
  }

  async #open(path: string, request: HttpJsonRequest): Promise<OpenAnswer> {
    const { endpoints, clock = systemClock, headers, fetch: send = fetch } = this.#options;
    const { signal } = request;
    const [body, type] = bodyOf(request);
    const timeoutMs = request.timeoutMs ?? this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const base = endpoints[this.#at % endpoints.length]!;
    const url = base.replace(/\/+$/, "") + path;
    if (signal?.aborted) throw RpcError.from(signal.reason, "canceled");
    const controller = new AbortController();
    const abort = (): void => controller.abort(RpcError.from(signal?.reason, "canceled"));
    signal?.addEventListener("abort", abort, { once: true });
    const stopTimer = clock.after(timeoutMs, () => {
      controller.abort(new RpcError("timeout", `${base} did not answer within ${timeoutMs} ms`));
    });
    const close = (): void => {
      stopTimer();
      signal?.removeEventListener("abort", abort);
      controller.abort(new RpcError("canceled", "the answer was left"));
    };
    const failure = (error: unknown): RpcError => {
      if (!signal?.aborted) this.#at++;
      return controller.signal.aborted && controller.signal.reason instanceof RpcError
        ? controller.signal.reason
        : RpcError.from(error, "connect");
    };
    try {
      const response = await send(url, {
        method: request.method ?? (body === undefined ? "GET" : "POST"),
        headers: { ...type, ...headers, ...request.headers },
        ...(body === undefined ? {} : { body }),
        signal: controller.signal,
        redirect: "manual",
      });
      const open = { response, left: controller.signal, begun: stopTimer, close, failure };
      if (response.ok) return open;
      let told = "";
      for await (const text of texts(open)) if ((told += text).length >= MAX_TOLD) break;
      told = told.slice(0, MAX_TOLD).trim();
      throw new RpcError("unavailable", `${base} answered ${response.status}${told === "" ? "" : `: ${told}`}`, {
        code: response.status,
      });
    } catch (error) {
      const known = failure(error);
      close();
      throw known;
    }
  }
}

interface OpenAnswer {
  readonly response: Response;
  /** Fires when it is given up. */
  readonly left: AbortSignal;
  /** The answer began: it may take as long as it likes from now on. */
  begun(): void;
  /** Drops what is left of it. */
  close(): void;
  /** Names what went wrong while it was read; the next request goes elsewhere. */
  failure(error: unknown): RpcError;
}

async function readText(open: OpenAnswer, max: number): Promise<string> {
  let text = "";
  for await (const part of texts(open)) {
    text += part;
    if (text.length > max) throw new RpcError("protocol", `an answer of more than ${max} bytes`);
  }
  return text;
}

async function* texts(
  { response, left }: Pick<OpenAnswer, "response" | "left">,
  silence?: { readonly ms: number; readonly clock: Clock },
): AsyncGenerator<string> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  // A body that is cancelled ends: what is waited for then is done.
  const cancel = (): void => void reader.cancel().catch(() => {}); // it ended or failed: who reads is told
  left.addEventListener("abort", cancel, { once: true });
  try {
    for (;;) {
      const stop = silence?.clock.after(silence.ms, cancel);
      const part = await reader.read().finally(stop);
      left.throwIfAborted();
      if (part.done) return;
      yield decoder.decode(part.value, { stream: true });
    }
  } finally {
    left.removeEventListener("abort", cancel);
    cancel();
  }
}

function bodyOf({ body, form }: HttpJsonRequest): [body: string | undefined, type: Record<string, string>] {
  if (form !== undefined) {
    return [new URLSearchParams(form).toString(), { "content-type": "application/x-www-form-urlencoded" }];
  }
  return body === undefined ? [undefined, {}] : [JSON.stringify(body), { "content-type": "application/json" }];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RpcError("protocol", `no JSON: ${text.slice(0, MAX_TOLD)}`, { cause: error });
  }
}
