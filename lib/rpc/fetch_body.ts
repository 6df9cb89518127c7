/**
 * Answers of `fetch` as a call reads them: no wait outlives the call, whatever a `fetch` of the program's own does with signals.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { joinBytes } from "../io/join_bytes.ts";
import type { Call } from "./call.ts";

/** What is waited for; rejects with what ended the call, if something did. */
export function untilEnded<T>(call: Call, waited: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const listener = { aborted: reject };
    call.onAbort(listener);
    waited.then(resolve, reject).finally(() => call.offAbort(listener));
  });
}

/** The answer, unless the call was ended meanwhile: then nobody reads it. */
export async function answerOf(call: Call, sent: Promise<Response>): Promise<Response> {
  try {
    return await untilEnded(
      call,
      sent.then((response) => {
        if (call.reason !== undefined) discard(response);
        return response;
      }),
    );
  } catch (reason) {
    throw call.reason ?? failureOf(reason);
  }
}

/** What `fetch` failed with. Node's says "fetch failed" alone, and why in its cause. */
function failureOf(reason: unknown): RpcError {
  const error = RpcError.from(reason, "transport");
  if (error === reason || !(reason instanceof Error && reason.cause instanceof Error)) return error;
  // Where each of a name's addresses failed, there is a code and no message.
  const why = reason.cause.message || ("code" in reason.cause ? String(reason.cause.code) : "");
  return why === "" ? error : new RpcError(error.kind, `${error.message}: ${why}`, { cause: reason });
}

/** Nobody reads the content of an answer: it is let go, whatever state it is in. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => {}); // what broke has nothing left to let go
}

/** The chunks of an answer. Rejects with what ended the call, if something did. */
export async function* chunksOf(response: Response, call: Call): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  let over = false;
  try {
    for (let step; (step = await untilEnded(call, reader.read())).done !== true;) yield step.value;
    over = true;
  } catch (reason) {
    throw call.reason ?? RpcError.from(reason, "transport");
  } finally {
    // Left before the end: the server hears that nobody reads any more.
    if (!over) reader.cancel().catch(() => {});
  }
}

/** The whole content of an answer. Rejects with `tooLarge()` as soon as there is more; no more than `maxBytes` are ever kept. */
export async function contentOf(
  response: Response,
  call: Call,
  maxBytes: number,
  tooLarge: () => RpcError,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(response, call)) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return joinBytes(chunks, length);
}
