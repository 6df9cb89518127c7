/**
 * One call many times, several at once, measured.
 *
 * @module
 */
import { plural } from "../print_diagnostics.ts";
import { failureOf } from "./outcome.ts";
import { Histogram } from "./histogram.ts";

/** How often, and for how long. */
export interface RepeatPlan {
  /** Calls in all; `Infinity` if only the time ends it. */
  readonly calls: number;
  /** Calls under way at once. */
  readonly concurrency: number;
  /** Milliseconds after which no call begins any more; `Infinity` if only the number ends it. */
  readonly durationMs: number;
}

/** What was measured. */
export interface RepeatResult {
  /** Latencies of the calls that did not fail. */
  readonly latencies: Histogram;
  /** How many calls failed, by what they failed with; at most `MAX_ERRORS` kinds, the rest as `"other"`. */
  readonly errors: ReadonlyMap<string, number>;
  /** Milliseconds it took in all. */
  readonly elapsedMs: number;
}

/** How many different errors are told apart. */
const MAX_ERRORS = 20;

/** Makes the calls; stops early when `signal` fires. Never rejects because of a call. */
export async function repeat(
  plan: RepeatPlan,
  call: () => Promise<unknown>,
  signal: AbortSignal,
  now: () => number = () => performance.now(),
): Promise<RepeatResult> {
  const latencies = new Histogram();
  const errors = new Map<string, number>();
  const begin = now();
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < plan.calls && !signal.aborted && now() - begin < plan.durationMs) {
      begun++;
      const start = now();
      try {
        await call();
        latencies.add(now() - start);
      } catch (reason) {
        if (signal.aborted) return; // given up by the user, not failed
        const { text } = failureOf(reason);
        const key = errors.has(text) || errors.size < MAX_ERRORS - 1 ? text : "other";
        errors.set(key, (errors.get(key) ?? 0) + 1);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(plan.concurrency, plan.calls) }, worker));
  return { latencies, errors, elapsedMs: now() - begin };
}

/** The result as values of JSON; times in milliseconds. */
export function repeatJson({ latencies, errors, elapsedMs }: RepeatResult): Record<string, unknown> {
  const failed = sum(errors);
  return {
    calls: latencies.count + failed,
    failed,
    elapsedMs: round(elapsedMs),
    perSecond: rate(latencies.count + failed, elapsedMs),
    latencyMs: {
      mean: round(latencies.mean),
      p50: round(latencies.quantile(0.5)),
      p90: round(latencies.quantile(0.9)),
      p99: round(latencies.quantile(0.99)),
      max: round(latencies.max),
    },
    errors: Object.fromEntries(errors),
  };
}

/** The result for people, with bars. */
export function repeatText(result: RepeatResult): string {
  const { latencies, errors, elapsedMs } = result;
  const failed = sum(errors);
  const count = latencies.count + failed;
  let text = `${plural(count, "call")} in ${show(elapsedMs)}, ${rate(count, elapsedMs)} a second, ${failed} failed\n`;
  if (latencies.count > 0) {
    const parts = ([[0.5, "p50"], [0.9, "p90"], [0.99, "p99"]] as const)
      .map(([part, name]) => `${name} ${show(latencies.quantile(part))}`);
    text += `${parts.join("  ")}  max ${show(latencies.max)}  mean ${show(latencies.mean)}\n`;
    const rows = latencies.doublings();
    const most = Math.max(...rows.map((row) => row.count));
    for (const { upTo, count } of rows) {
      const bar = "#".repeat(Math.ceil(count / most * 40));
      text += `  <= ${show(upTo).padStart(9)}  ${String(count).padStart(9)}  ${bar}`.trimEnd() + "\n";
    }
  }
  for (const [error, count] of errors) text += `  ${String(count).padStart(6)} x ${error}\n`;
  return text;
}

function sum(errors: ReadonlyMap<string, number>): number {
  return [...errors.values()].reduce((total, count) => total + count, 0);
}

function rate(count: number, elapsedMs: number): number {
  return elapsedMs === 0 ? 0 : Math.round(count / elapsedMs * 1000);
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function show(ms: number): string {
  return ms < 1 ? `${Math.round(ms * 1000)} us` : ms < 1000 ? `${ms.toFixed(2)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
