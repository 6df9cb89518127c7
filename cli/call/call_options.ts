/**
 * What the command line says of calls: pairs, numbers and times.
 *
 * @module
 */
import type { CallOptions } from "../../lib/rpc/call.ts";
import { UsageError } from "../command.ts";
import type { OptionSpec, ParsedOptions } from "../options.ts";
import type { RepeatPlan } from "./repeat.ts";

/** The options. */
export const CALL_OPTIONS: readonly OptionSpec[] = [
  { name: "meta", value: "KEY=VALUE", repeatable: true, help: "Sends this metadata to the server only." },
  {
    name: "persist",
    value: "KEY=VALUE",
    repeatable: true,
    help: "Sends this metadata along the whole chain of calls.",
  },
  { name: "header", short: "H", value: "NAME=VALUE", repeatable: true, help: "gRPC: sends this header field." },
  { name: "timeout", short: "t", value: "TIME", help: "Waits that long: 500ms, 2s, 1m. Default: 10s; 0: any time." },
];

/** The options that say how often. */
export const REPEAT_OPTIONS: readonly OptionSpec[] = [
  { name: "repeat", short: "n", value: "COUNT", help: "Calls that often and prints how long the calls took." },
  { name: "concurrency", short: "c", value: "COUNT", help: "Has that many calls under way at once. Default: 1." },
  { name: "duration", value: "TIME", help: "Calls for that long: 10s, 1m." },
];

/** The options of each call. Throws a `UsageError` for what cannot be read. */
export function callOptionsOf(options: ParsedOptions, signal: AbortSignal): CallOptions {
  const transient = pairsOf(options, "meta");
  const persistent = pairsOf(options, "persist");
  const headers = pairsOf(options, "header", (name) => name.toLowerCase());
  return { signal, timeoutMs: timeOf(options, "timeout") ?? 10_000, meta: { transient, persistent, headers } };
}

/** How often to call; `undefined`: once. Throws a `UsageError` for what cannot be read. */
export function planOf(options: ParsedOptions): RepeatPlan | undefined {
  const calls = countOf(options, "repeat");
  const durationMs = timeOf(options, "duration");
  const concurrency = countOf(options, "concurrency");
  if (calls === undefined && durationMs === undefined) {
    if (concurrency !== undefined) throw new UsageError("--concurrency needs --repeat or --duration");
    return undefined;
  }
  return { calls: calls ?? Infinity, concurrency: concurrency ?? 1, durationMs: durationMs ?? Infinity };
}

function pairsOf(
  options: ParsedOptions,
  name: string,
  keyOf: (key: string) => string = (key) => key,
): Record<string, string> {
  return Object.fromEntries(
    options.values(name).map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 1) throw new UsageError(`--${name} is ${JSON.stringify(pair)}, not KEY=VALUE`);
      return [keyOf(pair.slice(0, equals)), pair.slice(equals + 1)];
    }),
  );
}

function countOf(options: ParsedOptions, name: string): number | undefined {
  const text = options.value(name);
  if (text === undefined) return undefined;
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} is ${JSON.stringify(text)}, not a number from 1 on`);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

function timeOf(options: ParsedOptions, name: string): number | undefined {
  const text = options.value(name);
  if (text === undefined) return undefined;
  if (text === "0") return 0;
  const [, number, unit] = /^([0-9]{1,6}(?:\.[0-9]{1,3})?)(ms|s|m)$/.exec(text) ?? [];
  if (number === undefined) {
    throw new UsageError(`--${name} is ${JSON.stringify(text)}, not a time such as 500ms, 2s or 1m`);
  }
  return Number(number) * UNITS[unit ?? ""]!;
}
