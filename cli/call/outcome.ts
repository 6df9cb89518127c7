/**
 * How a call that failed is told: text or JSON on standard error, and an exit code.
 *
 * @module
 */
import { GenericException } from "../../codecs/generic/generic_exception.ts";
import { stringifyJson } from "../../codecs/generic/json_text.ts";
import { GrpcError, statusName } from "../../codecs/grpc/status.ts";
import { RpcError } from "../../lib/errors.ts";

/** The server answered with an exception that the IDL declares. */
export const EXIT_EXCEPTION = 3;
/** The server answered with a business status. */
export const EXIT_BUSINESS = 4;
/** The call failed: no connection, no answer, or an answer that tells of a failure. */
export const EXIT_FAILED = 5;
/** The user ended it: 128 and the number of SIGINT. */
export const EXIT_INTERRUPTED = 130;

/** A failure, for printing. */
export interface Failure {
  /** What the program ends with. */
  readonly exitCode: number;
  /** In one line, for people. */
  readonly text: string;
  /** As values of JSON, for programs. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** What to say of the error that a call rejected with. */
export function failureOf(reason: unknown): Failure {
  if (reason instanceof GenericException) {
    return {
      exitCode: EXIT_EXCEPTION,
      text: `exception ${reason.name}: ${stringifyJson(reason.fields, { nonFinite: "string" })}`,
      json: { kind: "exception", name: reason.name, fields: reason.fields },
    };
  }
  const error = RpcError.from(reason, "internal");
  const { kind, message, code, remote, extra } = error;
  const json = {
    kind,
    message,
    ...(code === undefined ? {} : { code }),
    ...(reason instanceof GrpcError ? { status: statusName(reason.code) } : {}),
    remote,
    ...(extra === undefined ? {} : { extra }),
  };
  if (kind === "business") {
    const more = extra === undefined || Object.keys(extra).length === 0 ? "" : ` ${stringifyJson(extra)}`;
    return { exitCode: EXIT_BUSINESS, text: `business status ${code}: ${message}${more}`, json };
  }
  const number = code === undefined ? "" : ` (code ${code})`;
  const name = reason instanceof GrpcError ? statusName(reason.code) : kind;
  const origin = remote ? `the server answered with ${name}${number}` : kind;
  return { exitCode: EXIT_FAILED, text: `${origin}: ${message}`, json };
}
