/**
 * Exceptions that the IDL declares: what a handler throws of them is an answer.
 *
 * @module
 */
import type { MethodSchema } from "../schema/service.ts";

/** True if the method declares the exception. */
export function isDeclared(method: MethodSchema, error: unknown): boolean {
  return declaredOutcome(method, error) !== undefined;
}

/** The outcome struct of a declared exception that a handler threw, or `undefined` if the method declares no such. */
export function declaredOutcome(method: MethodSchema, error: unknown): Record<string, unknown> | undefined {
  const field = method.result.fields.find(({ id, type }) =>
    id !== 0 && type.kind === "struct" && schemaOf(error) === type.of()
  );
  return field === undefined ? undefined : { [field.key]: error };
}

function schemaOf(error: unknown): unknown {
  try {
    return (error as { schema?: unknown } | null | undefined)?.schema;
  } catch {
    return undefined; // it throws when it is looked at: no exception of an IDL does
  }
}
