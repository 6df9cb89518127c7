/**
 * What a frame says of its message beside the message itself: who calls, how long they wait, what travels along.
 *
 * @module
 */
import type { RpcError } from "../../lib/errors.ts";
import type { Endpoint } from "../../lib/io/raw.ts";
import type { Metadata } from "../../lib/rpc/metadata.ts";

/** What a frame's header says. One object serves all messages of a connection: take what outlives the turn. */
export class FrameHead {
  /** Where the name of the called service begins in the bytes; equal to `serviceEnd` if none is named. */
  serviceStart = 0;
  /** Where it ends. */
  serviceEnd = 0;
  /** Name of the calling service. */
  caller: string | undefined = undefined;
  /** Method of the caller that makes this call. */
  callerMethod: string | undefined = undefined;
  /** Milliseconds the caller waits; `Infinity` if it does not say. */
  timeoutMs: number = Infinity;
  /** Metadata of a call, or in an answer what the server sent back. */
  meta: Metadata | undefined = undefined;
  /** The caller's address as a proxy saw it. */
  peer: Endpoint | undefined = undefined;
  /** The business status that an answer carries. */
  status: RpcError | undefined = undefined;
  /** Why the message must not be taken, though its frame is whole. */
  invalid: RpcError | undefined = undefined;
  /** True if the sender is about to close the connection. */
  closing = false;

  /** Forgets the frame before. */
  clear(): void {
    this.serviceStart = 0;
    this.serviceEnd = 0;
    this.caller = undefined;
    this.callerMethod = undefined;
    this.timeoutMs = Infinity;
    this.meta = undefined;
    this.peer = undefined;
    this.status = undefined;
    this.invalid = undefined;
    this.closing = false;
  }
}

/** Of frames without a header. */
export const NO_HEAD: Readonly<FrameHead> = Object.freeze(new FrameHead());
