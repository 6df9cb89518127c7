/**
 * One call of a gRPC server on its stream, as its session sees it: `UnaryServerCall` where nothing streams, else `StreamServerCall`.
 *
 * @module
 */
import type { RpcError } from "../../lib/errors.ts";
import type { Ticket } from "../../lib/rpc/admission.ts";
import type { Linked } from "../../lib/rpc/linked_list.ts";

/** A call, as its session sees it. */
export interface ServerCall extends Linked<ServerCall> {
  /** What limits want to hear its end by; those of a stream are its `ServedStream`'s. */
  readonly ticket: Ticket | undefined;
  /** Content came. */
  received(bytes: Uint8Array, start: number, end: number): void;
  /** The caller sends no more. */
  requestEnded(): void;
  /** More can be sent. */
  writable(): void;
  /**
   * The caller is gone or gave up: nothing can be sent any more. The reason is asked for where somebody hears of it: an error
   * with its stack costs more than all else that a stream costs which is reset at once.
   */
  gone(reason: () => RpcError): void;
  /** The server gives the call up and tells the caller. */
  giveUp(error: RpcError): void;
}
