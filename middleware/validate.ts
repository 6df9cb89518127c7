/**
 * Applies the rules of the IDL to calls: arguments before they are sent or handled, and results if asked for.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { Call } from "../lib/rpc/call.ts";
import { isPromise, type Middleware } from "../lib/rpc/middleware.ts";
import { recv, send } from "../lib/rpc/stream/message_middleware.ts";
import type { MethodSchema } from "../lib/schema/service.ts";
import type { MethodValidators, ServiceValidators, Violation } from "../lib/schema/violation.ts";

/** Options of `validate`. */
export interface ValidateOptions {
  /** True to check returned values as well. Default `false`. */
  readonly results?: boolean | undefined;
}

/** Which rules were broken: the `cause` of the error that `validate` throws. */
export class ViolationError extends Error {
  /** Always this. */
  override readonly name = "ViolationError";
  /** All of them, up to 1,000. */
  readonly violations: readonly Violation[];

  /** Takes the violations found. */
  constructor(violations: readonly Violation[]) {
    super(summary(violations));
    this.violations = violations;
  }
}

/** How many violations an error's message tells of. */
const MAX_TOLD = 10;

/** How much of a path is in an error's message. */
const MAX_PATH_CHARS = 200;

/**
 * Refuses calls that break the rules of the IDL, by validators that `updraft gen --plugin validator` wrote or that a
 * `RuleInterpreter` made. Calls of other services pass.
 *
 * On a client bad arguments reject with kind `"invalid"` before anything is sent; on a server they are answered as a
 * protocol error, kind `"protocol"`, before the handler runs. With `results`, a bad result is kind `"internal"` on the
 * server that made it and `"protocol"` on the client that got it. The message names path and rule of the first ten violations,
 * but no values, which could be secrets; `violationsOf` gives them all. In a stream each message is checked when it passes, and a
 * bad one ends the call.
 *
 * Place it inside what limits or times calls, outside what logs or caches arguments.
 */
export function validate(
  validators: ServiceValidators | readonly ServiceValidators[],
  options: ValidateOptions = {},
): Middleware {
  const byMethod = new Map<MethodSchema, MethodValidators>();
  for (const { service, methods } of [validators].flat()) {
    for (const method of service.methods) {
      const found = Object.hasOwn(methods, method.name) ? methods[method.name] : undefined;
      if (found !== undefined) byMethod.set(method, found);
    }
  }
  const checkSent = send((message, call) => checkMessage(call, byMethod, call.side === "client", message, options));
  const checkReceived = recv((message, call) => checkMessage(call, byMethod, call.side === "server", message, options));
  return (next) => {
    const streamed = checkSent(checkReceived(next));
    return (call) => {
      const found = byMethod.get(call.method);
      if (found === undefined) return next(call);
      if (call.method.streaming !== "unary") return streamed(call);
      const violations = found.args?.(call.args) ?? [];
      if (violations.length > 0) throw refusal(call, "arguments", violations);
      const outcome = next(call);
      if (options.results !== true || found.result === undefined) return outcome;
      return isPromise(outcome) ? outcome.then((value) => checked(call, found, value)) : checked(call, found, outcome);
    };
  };
}

/** The rules that a call broke, from the error it was refused with; none if it failed for another reason. */
export function violationsOf(error: unknown): readonly Violation[] {
  return error instanceof RpcError && error.cause instanceof ViolationError ? error.cause.violations : [];
}

/** Checks a message of a stream, a caller's or, if asked for, a server's; gives it back. */
function checkMessage(
  call: Call,
  byMethod: ReadonlyMap<MethodSchema, MethodValidators>,
  isRequest: boolean,
  message: unknown,
  { results }: ValidateOptions,
): unknown {
  const found = byMethod.get(call.method);
  if (found === undefined) return message;
  if (!isRequest) return results === true ? checked(call, found, message) : message;
  const [key] = Object.keys(call.args);
  const violations = key === undefined ? [] : found.args?.({ [key]: message }) ?? [];
  if (violations.length > 0) throw refusal(call, "arguments", violations);
  return message;
}

function checked(call: Call, { result }: MethodValidators, value: unknown): unknown {
  const violations = result?.(value) ?? [];
  if (violations.length > 0) throw refusal(call, "result", violations);
  return value;
}

function refusal(call: Call, what: "arguments" | "result", violations: readonly Violation[]): RpcError {
  const isOwnFault = (what === "arguments") === (call.side === "client");
  const kind = !isOwnFault ? "protocol" : call.side === "client" ? "invalid" : "internal";
  const cause = new ViolationError(violations);
  return new RpcError(kind, `${what} of ${call.service.name}.${call.method.name}: ${cause.message}`, { cause });
}

function summary(violations: readonly Violation[]): string {
  const told = violations.slice(0, MAX_TOLD).map(({ path, rule, message }) =>
    `${shortened(path)} ${message} (${rule})`.trimStart()
  );
  const rest = violations.length - told.length;
  return told.join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}

/** A path as it is, or its two ends: its keys come from a peer, and messages go into headers. */
function shortened(path: string): string {
  return path.length <= MAX_PATH_CHARS
    ? path
    : `${path.slice(0, MAX_PATH_CHARS / 2)}...${path.slice(-MAX_PATH_CHARS / 2)}`;
}
