/**
 * When a call has to be over, as its request says.
 *
 * @module
 */
import type { HttpFields } from "../../lib/http/message.ts";
import type { Clock } from "../../lib/io/clock.ts";
import { GrpcError, GrpcStatus } from "../grpc/status.ts";
import { decodeTimeout } from "../grpc/timeout.ts";

/** By `connect-timeout-ms`. Throws a `GrpcError` if that is malformed. */
export function connectDeadline(fields: HttpFields, clock: Clock): number {
  const text = fields.get("connect-timeout-ms");
  if (text === undefined) return Infinity;
  if (/^\d{1,10}$/.test(text)) return clock.now() + Number(text);
  throw new GrpcError(GrpcStatus.INVALID_ARGUMENT, `malformed connect-timeout-ms ${JSON.stringify(text.slice(0, 40))}`);
}

/** By `grpc-timeout`. Throws a `GrpcError` if that is malformed. */
export function grpcDeadline(fields: HttpFields, clock: Clock): number {
  const text = fields.get("grpc-timeout");
  if (text === undefined) return Infinity;
  const ms = decodeTimeout(text);
  if (ms !== undefined) return clock.now() + ms;
  throw new GrpcError(GrpcStatus.INVALID_ARGUMENT, `malformed grpc-timeout ${JSON.stringify(text.slice(0, 40))}`);
}
