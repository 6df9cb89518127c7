/**
 * One request on a connection and its answer.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { HttpRequest } from "../../lib/http/message.ts";
import { IncomingBody } from "../../lib/http/incoming_body.ts";
import type { Endpoint } from "../../lib/io/raw.ts";
import type { RequestHead } from "./head.ts";

/** One request and its answer. */
export class Turn {
  /** Its head. */
  readonly head: RequestHead;
  /** Its content. */
  readonly body: IncomingBody;
  /** Octets of the content that came and were not read. */
  unread = 0;
  /** All of the content came. */
  whole = false;
  /** The head of the answer was written. */
  begun = false;
  #controller: AbortController | undefined;
  #error: RpcError | undefined;

  /** `read` is told when some of the content was read. */
  constructor(head: RequestHead, read: () => void) {
    this.head = head;
    this.body = new IncomingBody({
      consumed: (count) => {
        this.unread -= count;
        read();
      },
      left: () => {}, // what comes is dropped until the answer is sent
    });
  }

  /** Why it was given up; `undefined` while it was not. */
  get error(): RpcError | undefined {
    return this.#error;
  }

  /** Aborts when the client is gone. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#error !== undefined) this.#controller.abort(this.#error);
    return this.#controller.signal;
  }

  /** Gives it up; the first error stays. */
  fail(error: RpcError): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.body.fail(error);
    this.#controller?.abort(error);
  }

  /** The request, as its handler sees it. */
  request(scheme: string, peer: Endpoint): HttpRequest {
    const { head, body } = this;
    const signal = (): AbortSignal => this.signal;
    return {
      method: head.method,
      path: head.path,
      scheme,
      authority: head.authority,
      headers: head.fields,
      body,
      get signal() {
        return signal();
      },
      peer,
    };
  }
}
