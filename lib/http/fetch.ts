/**
 * A handler of plain requests as a Web-standard one, from `Request` to `Response`.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { FieldList } from "./fields.ts";
import { type HttpBody, type HttpFields, type HttpHandler, type HttpResponse, pairsOf } from "./message.ts";
import { MAX_BODY_BYTES, wholeBody } from "./whole_body.ts";

/** Answers `request` by `handler`. Rejects only if the handler does. Trailers of the response are dropped: `fetch` has none. */
export async function respondToFetch(request: Request, handler: HttpHandler): Promise<Response> {
  const url = new URL(request.url);
  const body = new StreamBody(request.body);
  const response = await handler({
    method: request.method,
    path: url.pathname + url.search,
    scheme: url.protocol.slice(0, -1),
    authority: url.host,
    headers: new FieldList(request.headers),
    body,
    signal: request.signal,
    peer: undefined,
  });
  return responseOf(response, () => body.leave());
}

function responseOf(response: HttpResponse, over: () => void): Response {
  const { status = 200, body } = response;
  const headers = new Headers(
    [...pairsOf(response.headers ?? [])].map(([name, value]): [string, string] => [name, value]),
  );
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) {
    over();
    // Statuses that have no content must be given none.
    return new Response(body === undefined || body.length === 0 ? null : body as string | Uint8Array<ArrayBuffer>, {
      status,
      headers,
    });
  }
  return new Response(streamOf(body, over), { status, headers });
}

/** The chunks as a stream that asks for one when its reader does, and leaves them when its reader does. */
function streamOf(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  over: () => void,
): ReadableStream<Uint8Array> {
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        let step = await iterator.next();
        while (step.done !== true && step.value.length === 0) step = await iterator.next();
        if (step.done !== true) return controller.enqueue(step.value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      over();
    },
    async cancel() {
      over();
      await iterator.return?.();
    },
  }, { highWaterMark: 0 });
}

/** The content of a `Request`. */
class StreamBody implements HttpBody {
  readonly trailers: HttpFields | undefined = undefined;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #left = false;

  constructor(stream: ReadableStream<Uint8Array> | null) {
    this.#reader = stream?.getReader();
  }

  async next(): Promise<Uint8Array | null> {
    if (this.#left || this.#reader === undefined) return null;
    try {
      const { value, done } = await this.#reader.read();
      return done ? null : value;
    } catch (reason) {
      throw RpcError.from(reason, "transport");
    }
  }

  bytes(maxBytes: number = MAX_BODY_BYTES): Promise<Uint8Array> {
    return wholeBody(this, maxBytes);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let chunk; (chunk = await this.next()) !== null;) yield chunk;
    } finally {
      this.leave();
    }
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    // It may have ended, or broken: then there is nothing to leave.
    this.#reader?.cancel().catch(() => {});
  }
}
