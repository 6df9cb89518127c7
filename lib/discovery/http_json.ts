/**
 * JSON over HTTP, as registries speak it: several endpoints, time and size limits, answers that stream line by line. On `fetch`.
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
  /** The method; default `POST` with a body, `GET` without. */
  readonly method?: string | undefined;
  /** What is sent as JSON. */
  readonly body?: unknown;
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
    const open = await this.#open(path, request);
    try {
      const text = await readText(open.response, this.#options.maxBytes ?? DEFAULT_MAX_BYTES);
      return { value: text === "" ? undefined : parse(text), headers: open.response.headers };
    } catch (error) {
      throw open.failure(error);
    } finally {
      open.close();
    }
  }

  /** One request whose answer is lines of JSON without end; leaving the loop gives it up. */
  async *lines(path: string, request: HttpJsonRequest = {}): AsyncGenerator<unknown> {
    const open = await this.#open(path, request);
    open.begun();
    try {
      const max = this.#options.maxBytes ?? DEFAULT_MAX_BYTES;
      let rest = "";
      for await (const text of texts(open.response)) {
        const parts = (rest + text).split("\n");
        rest = parts.pop()!;
        for (const part of parts) if (part.trim() !== "") yield parse(part);
        if (rest.length > max) throw new RpcError("protocol", `a line of more than ${max} bytes`);
      }
      if (rest.trim() !== "") yield parse(rest);
    } catch (error) {
      throw open.failure(error);
    } finally {
      open.close();
    }
  }

  async #open(path: string, request: HttpJsonRequest): Promise<OpenAnswer> {
    const { endpoints, clock = systemClock, headers, fetch: send = fetch } = this.#options;
    const { signal, body } = request;
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
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
          ...request.headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: controller.signal,
        redirect: "manual",
      });
      if (response.ok) return { response, begun: stopTimer, close, failure };
      const told = (await readText(response, 64 * 1024)).slice(0, MAX_TOLD).trim();
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
  /** The answer began: it may take as long as it likes from now on. */
  begun(): void;
  /** Drops what is left of it. */
  close(): void;
  /** Names what went wrong while it was read; the next request goes elsewhere. */
  failure(error: unknown): RpcError;
}

async function readText(response: Response, max: number): Promise<string> {
  let text = "";
  for await (const part of texts(response)) {
    text += part;
    if (text.length > max) throw new RpcError("protocol", `an answer of more than ${max} bytes`);
  }
  return text;
}

async function* texts(response: Response): AsyncGenerator<string> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  try {
    for (let part; !(part = await reader.read()).done;) yield decoder.decode(part.value, { stream: true });
  } finally {
    reader.cancel().catch(() => {}); // it ended or failed: who reads was told
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RpcError("protocol", `no JSON: ${text.slice(0, MAX_TOLD)}`, { cause: error });
  }
}
