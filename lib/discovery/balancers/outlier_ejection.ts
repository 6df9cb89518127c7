/**
 * Outlier ejection: instances that fail are left out for a while, each time for longer.
 *
 * @module
 */
import { type ErrorKind, RpcError } from "../../errors.ts";
import type { Clock } from "../../io/clock.ts";
import type { Balancer, BalancerHost, PickCall, Picker, PickOutcome } from "../balancer.ts";
import type { Instance } from "../instance.ts";
import { NestedPicker } from "./nested.ts";

/** What speaks against an instance: it could not be reached, did not answer, or broke. What the caller did wrong does not. */
const FAILURES: readonly ErrorKind[] = ["connect", "transport", "timeout", "protocol", "internal", "unavailable"];

/** Options of `outlierEjection`. */
export interface OutlierEjectionOptions {
  /** Chooses among the instances that are not ejected. */
  readonly next: Balancer;
  /** Failures in a row after which an instance is ejected; 0: any number. Default 5. */
  readonly consecutiveFailures?: number | undefined;
  /** Part of an interval's calls that may fail, from 0 to 1; 1: all. Default 0.5. */
  readonly failureRate?: number | undefined;
  /** Calls that an instance must have had in an interval for its rate to count. Default 20. */
  readonly minCalls?: number | undefined;
  /** Milliseconds of an interval. Default 10,000. */
  readonly intervalMs?: number | undefined;
  /** Milliseconds of the first ejection; the n-th takes n times that. Default 30,000. */
  readonly ejectionMs?: number | undefined;
  /** Longest ejection, in milliseconds. Default 300,000. */
  readonly maxEjectionMs?: number | undefined;
  /** Percentage of the instances that may be ejected at once; one always may, if another is left. Default 10. */
  readonly maxEjectedPercent?: number | undefined;
  /** Does an outcome speak against the instance? Default: errors of connections, timeouts, broken or failed answers. */
  readonly isFailure?: ((error: unknown) => boolean) | undefined;
  /** Told when an instance is ejected, for how long, and when it is back. Must not throw. */
  readonly onChange?: ((change: EjectionChange) => void) | undefined;
}

/** What happened to an instance. */
export interface EjectionChange {
  /** Which. */
  readonly address: string;
  /** Milliseconds it is left out; 0: it is back. */
  readonly ejectedMs: number;
  /** What it was ejected for, or `"over"`. */
  readonly reason: "consecutive-failures" | "failure-rate" | "over";
}

/**
 * `outlier_ejection_<next>`: watches how calls end. An instance that fails `consecutiveFailures` times in a row, or more than
 * `failureRate` of an interval's calls, is left out. It comes back by itself; ejected again it stays away longer, and each
 * interval without ejection makes that shorter again. So many others are left as `maxEjectedPercent` says: when most fail, the
 * fault is not theirs.
 *
 * Throws an `RpcError` of kind `"invalid"` for options out of range.
 */
export function outlierEjection(options: OutlierEjectionOptions): Balancer {
  const rules = rulesOf(options);
  const { next } = options;
  return {
    name: `outlier_ejection_${next.name}`,
    picker(instances, host, previous): Picker {
      return new EjectingPicker(
        instances,
        host,
        next,
        rules,
        previous instanceof EjectingPicker ? previous : undefined,
      );
    },
  };
}

interface Rules {
  readonly consecutiveFailures: number;
  readonly failureRate: number;
  readonly minCalls: number;
  readonly intervalMs: number;
  readonly ejectionMs: number;
  readonly maxEjectionMs: number;
  readonly maxEjectedPercent: number;
  readonly isFailure: (error: unknown) => boolean;
  readonly onChange: ((change: EjectionChange) => void) | undefined;
}

function rulesOf(options: OutlierEjectionOptions): Rules {
  const rules: Rules = {
    consecutiveFailures: options.consecutiveFailures ?? 5,
    failureRate: options.failureRate ?? 0.5,
    minCalls: options.minCalls ?? 20,
    intervalMs: options.intervalMs ?? 10_000,
    ejectionMs: options.ejectionMs ?? 30_000,
    maxEjectionMs: options.maxEjectionMs ?? 300_000,
    maxEjectedPercent: options.maxEjectedPercent ?? 10,
    isFailure: options.isFailure ?? speaksAgainst,
    onChange: options.onChange,
  };
  const atLeast0 = ["consecutiveFailures", "failureRate", "minCalls", "maxEjectedPercent"] as const;
  for (const name of atLeast0) {
    if (!(rules[name] >= 0)) throw new RpcError("invalid", `${name} ${rules[name]} is below 0`);
  }
  const above0 = ["intervalMs", "ejectionMs", "maxEjectionMs"] as const;
  for (const name of above0) {
    if (!(rules[name] > 0)) throw new RpcError("invalid", `${name} ${rules[name]} is not above 0`);
  }
  return rules;
}

/** Failures by Updraft's own kinds; an error that is none of them is the handler's. */
function speaksAgainst(error: unknown): boolean {
  return !(error instanceof RpcError) || FAILURES.includes(error.kind);
}

/** How an address did; outlives pickers as loads do. */
interface Health {
  inRow: number;
  calls: number;
  failures: number;
  /** When the interval that is counted began. */
  since: number;
  /** Ejections that are not forgiven yet. */
  ejections: number;
  /** When the ejection is over; 0 while there is none. */
  until: number;
}

class EjectingPicker extends NestedPicker {
  inner: Picker;
  readonly #instances: readonly Instance[];
  readonly #host: BalancerHost;
  readonly #next: Balancer;
  readonly #rules: Rules;
  readonly #clock: Clock;
  readonly #healths = new Map<string, Health>();
  readonly #mostEjected: number;
  #ejected = 0;
  /** When the next ejection is over. */
  #nextBack = Infinity;

  constructor(
    instances: readonly Instance[],
    host: BalancerHost,
    next: Balancer,
    rules: Rules,
    previous: EjectingPicker | undefined,
  ) {
    super();
    this.#instances = instances;
    this.#host = host;
    this.#next = next;
    this.#rules = rules;
    this.#clock = host.clock;
    const size = instances.length;
    this.#mostEjected = Math.min(size - 1, Math.max(1, Math.floor(size * rules.maxEjectedPercent / 100)));
    const now = this.#clock.now();
    for (const { address } of instances) {
      const health = (previous === undefined ? undefined : previous.#healths.get(address)) ??
        { inRow: 0, calls: 0, failures: 0, since: now, ejections: 0, until: 0 };
      this.#healths.set(address, health);
    }
    this.inner = this.#rebuilt(previous?.inner);
  }

  pick(call: PickCall, tried: ReadonlySet<Instance>): Instance | undefined {
    if (this.#nextBack !== Infinity && this.#nextBack <= this.#clock.now()) this.#takeBack();
    return this.inner.pick(call, tried);
  }

  override ended(instance: Instance, outcome: PickOutcome): void {
    super.ended(instance, outcome);
    const health = this.#healths.get(instance.address);
    if (health === undefined) return;
    const now = this.#clock.now();
    const { intervalMs, consecutiveFailures } = this.#rules;
    if (now - health.since >= intervalMs) this.#newInterval(instance, health, now);
    const failed = outcome.error !== undefined && this.#rules.isFailure(outcome.error);
    health.calls++;
    if (!failed) return void (health.inRow = 0);
    health.failures++;
    health.inRow++;
    if (consecutiveFailures > 0 && health.inRow >= consecutiveFailures) {
      this.#eject(instance, health, now, "consecutive-failures");
    }
  }

  /** Judges the interval that is over, and begins the next. */
  #newInterval(instance: Instance, health: Health, now: number): void {
    const { intervalMs, minCalls, failureRate } = this.#rules;
    const tooMany = health.calls >= minCalls && health.failures > health.calls * failureRate;
    const calm = Math.floor((now - health.since) / intervalMs);
    health.calls = health.failures = 0;
    health.since = now;
    if (tooMany) this.#eject(instance, health, now, "failure-rate");
    else if (health.until === 0) health.ejections = Math.max(0, health.ejections - calm);
  }

  #eject(instance: Instance, health: Health, now: number, reason: "consecutive-failures" | "failure-rate"): void {
    if (health.until !== 0 || this.#ejected >= this.#mostEjected) return;
    const { ejectionMs, maxEjectionMs } = this.#rules;
    const ejectedMs = Math.min(maxEjectionMs, ejectionMs * ++health.ejections);
    health.until = now + ejectedMs;
    health.inRow = 0;
    this.inner = this.#rebuilt(this.inner);
    this.#rules.onChange?.({ address: instance.address, ejectedMs, reason });
  }

  #takeBack(): void {
    const now = this.#clock.now();
    const back: string[] = [];
    for (const [address, health] of this.#healths) {
      if (health.until === 0 || health.until > now) continue;
      health.until =
        health.calls =
        health.failures =
        health.inRow =
          0;
      health.since = now;
      back.push(address);
    }
    this.inner = this.#rebuilt(this.inner);
    for (const address of back) this.#rules.onChange?.({ address, ejectedMs: 0, reason: "over" });
  }

  /** The picker for those that are not ejected now. */
  #rebuilt(previous: Picker | undefined): Picker {
    this.#ejected = 0;
    this.#nextBack = Infinity;
    const healthy = this.#instances.filter(({ address }) => {
      const { until } = this.#healths.get(address)!;
      if (until === 0) return true;
      this.#ejected++;
      this.#nextBack = Math.min(this.#nextBack, until);
      return false;
    });
    // A list that lost all others: better one that failed than none.
    return this.#next.picker(healthy.length === 0 ? this.#instances : healthy, this.#host, previous);
  }
}
