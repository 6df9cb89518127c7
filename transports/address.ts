/**
 * What every adapter does alike with addresses: checks them, names them in messages, wraps what went wrong.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import { describeEndpoint } from "../lib/io/endpoint.ts";
import type { Endpoint, UnixEndpoint } from "../lib/io/raw.ts";

/** Longest path of a unix socket in bytes: `sun_path` on Linux, less its terminating zero. */
export const MAX_UNIX_PATH_BYTES = 107;

/** Both addresses of a unix connection; the dialling side has no path of its own. */
export interface UnixEnds {
  /** This side. */
  readonly local: UnixEndpoint;
  /** The peer. */
  readonly remote: UnixEndpoint;
}

/** The addresses of a connection dialled to `to`. */
export function dialledUnix(to: UnixEndpoint): UnixEnds {
  return { local: { path: "" }, remote: { path: to.path } };
}

/** The addresses of a connection accepted on `on`. */
export function acceptedUnix(on: UnixEndpoint): UnixEnds {
  return { local: { path: on.path }, remote: { path: "" } };
}

/** Throws an `RpcError` of kind `"invalid"` unless the runtime can be handed this address. */
export function checkEndpoint(endpoint: Endpoint): void {
  if ("path" in endpoint) {
    const { path } = endpoint;
    const length = typeof path === "string" ? new TextEncoder().encode(path).length : 0;
    if (length === 0) throw new RpcError("invalid", "unix socket path is empty");
    if (path.includes("\0")) throw new RpcError("invalid", "unix socket path contains a zero byte");
    if (length > MAX_UNIX_PATH_BYTES) {
      throw new RpcError("invalid", `unix socket path of ${length} bytes exceeds ${MAX_UNIX_PATH_BYTES}`);
    }
    return;
  }
  const { hostname, port } = endpoint;
  if (typeof hostname !== "string" || hostname === "") throw new RpcError("invalid", "host name is empty");
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new RpcError("invalid", `port ${port} is not an integer from 0 to 65535`);
  }
}

/** Wraps why a dial failed as kind `"connect"`; an `RpcError` stays what it is. */
export function dialError(to: Endpoint, cause: unknown): RpcError {
  if (cause instanceof RpcError) return cause;
  return new RpcError("connect", `cannot connect to ${describeEndpoint(to)}: ${reasonText(cause)}`, { cause });
}

/** Wraps why a listen failed as kind `"connect"`; an `RpcError` stays what it is. */
export function listenError(on: Endpoint, cause: unknown): RpcError {
  if (cause instanceof RpcError) return cause;
  const options = { cause, retryable: false };
  return new RpcError("connect", `cannot listen on ${describeEndpoint(on)}: ${reasonText(cause)}`, options);
}

/** Wraps the reason of a fired signal: an `RpcError` stays, a `TimeoutError` becomes `"timeout"`, else `"canceled"`. */
export function abortError(to: Endpoint, signal: AbortSignal): RpcError {
  const cause: unknown = signal.reason;
  if (cause instanceof RpcError) return cause;
  const kind = cause instanceof Error && cause.name === "TimeoutError" ? "timeout" : "canceled";
  return new RpcError(kind, `gave up connecting to ${describeEndpoint(to)}: ${reasonText(cause)}`, { cause });
}

/** The reason `close` gets when `abort` was called without one. */
export function abortReason(reason: unknown): unknown {
  return reason ?? new RpcError("transport", "connection aborted");
}

function reasonText(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === "") {
    return [...new Set(cause.errors.map(reasonText))].join(", ");
  }
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as { code?: unknown };
  const message = cause.message || cause.name;
  return typeof code === "string" && !message.includes(code) ? `${message} (${code})` : message;
}
