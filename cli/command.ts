/**
 * What a command of `updraft` is.
 *
 * @module
 */
import type { Platform } from "../lib/platform.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";

/** All is well. */
export const EXIT_FINE = 0;
/** The input has errors, or `--check` found differences. */
export const EXIT_ERRORS = 1;
/** The command line was not understood. */
export const EXIT_USAGE = 2;
/** Whoever read the output has left: what shells report of a program that SIGPIPE ended. */
export const EXIT_PIPE = 141;

/** A command. */
export interface Command {
  /** What to write behind `updraft`, in one line. */
  readonly usage: string;
  /** What it does, in a few sentences. */
  readonly description: string;
  /** Its options, `--help` aside. */
  readonly options: readonly OptionSpec[];
  /** Runs it and gives the exit code. Rejects with an `RpcError` of kind `"invalid"` for files it cannot use. */
  run(platform: Platform, options: ParsedOptions): Promise<number>;
}

/** The command line was understood, but does not make sense. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
