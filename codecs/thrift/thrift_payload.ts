/**
 * What all payloads of Thrift do alike: arguments and outcomes are structs, errors are TApplicationExceptions.
 *
 * @module
 */
import { decodeApplicationException, encodeApplicationException } from "./application_exception.ts";
import type { Payload, PayloadParts } from "./payload.ts";

/** A payload, from what it brings by itself. */
export function thriftPayload(parts: PayloadParts): Payload {
  const payload: Payload = {
    ...parts,
    kind: "thrift",
    bind: (method) => ({ args: payload.codec(method.args), result: payload.codec(method.result) }),
    writeException: (w, error) => encodeApplicationException(payload, w, error),
    readException: (r) => decodeApplicationException(payload, r),
  };
  return payload;
}
