/**
 * What all payloads of Thrift do alike: arguments and outcomes are structs, errors are TApplicationExceptions.
 *
 * @module
 */
import type { MessagePayload } from "../message/payload.ts";
import { decodeApplicationException, encodeApplicationException } from "./application_exception.ts";
import type { Payload } from "./payload.ts";

/** What they have in common. */
type Common = Pick<Payload, "kind" | "bind" | "writeException" | "readException">;

/** What each brings by itself. */
type Own = Omit<MessagePayload, keyof Common> & Pick<Payload, "name" | "codec">;

/** A payload, from what it brings by itself. */
export function thriftPayload<P extends Own>(own: P): NoInfer<P> & Common {
  return {
    ...own,
    kind: "thrift",
    bind: (method) => ({ args: own.codec(method.args), result: own.codec(method.result) }),
    writeException: (w, error) => encodeApplicationException(own, w, error),
    readException: (r) => decodeApplicationException(own, r),
  };
}
