/**
 * Which calls a server takes: decided from a call's head, before its arguments are decoded, the same for every protocol.
 *
 * @module
 */
import type { RpcError } from "../errors.ts";
import type { Clock } from "../io/clock.ts";
import type { MethodSchema, ServiceSchema } from "../schema/service.ts";

/** What is known of a call before its arguments are decoded. A `Call` is one too. */
export interface CallHead {
  /** The service called. */
  readonly service: ServiceSchema;
  /** The method called. */
  readonly method: MethodSchema;
  /** Name of the calling service, where the protocol carries it. */
  readonly caller: string | undefined;
  /** When the call must be over, in the clock's milliseconds; `Infinity` if never. */
  readonly deadline: number;
  /** Tells the time. */
  readonly clock: Clock;
  /** The metadata if there is any. */
  readonly metaIfAny:
    | { readonly transient: ReadonlyMap<string, string>; readonly persistent: ReadonlyMap<string, string> }
    | undefined;
}

/** A call that was taken. */
export interface Ticket {
  /** The call is over, well or not. Comes once. Never throws. */
  ended(): void;
}

/** Decides which calls are taken. */
export interface Admission {
  /** Takes a call, or says why not: an error of kind `"overload"`. Must not throw. */
  admit(head: CallHead): Ticket | RpcError;
  /** Takes a connection, of which there are `open` then; or says why not. Left out: takes all. Must not throw. */
  admitConnection?(open: number): RpcError | undefined;
  /**
   * Told which services a server has when it begins to serve. Throws an `RpcError` of kind `"invalid"` if it is told to limit what none
   * of them has. Left out: it does not ask.
   */
  serves?(services: readonly ServiceSchema[]): void;
}
