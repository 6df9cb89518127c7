/**
 * Whether another try may be sent, by gRPC's tokens: retries stop while too many calls fail.
 *
 * Spec: gRFC A6, "Throttling Retry Attempts and Hedged RPCs".
 *
 * @module
 */
import type { RetryThrottling } from "./service_config.ts";
import type { RetryGate } from "./try_statistics.ts";

/** Counts the tokens of one client. Without a throttling every try may be sent. */
export class RetryThrottle implements RetryGate {
  readonly #maxTokens: number;
  readonly #ratio: number;
  #tokens: number;

  /** Begins with all tokens. */
  constructor(throttling: RetryThrottling | undefined) {
    this.#maxTokens = this.#tokens = throttling?.maxTokens ?? Infinity;
    this.#ratio = throttling?.tokenRatio ?? 0;
  }

  began(): void {
    // A try costs nothing before it fails.
  }

  ended(well: boolean, worthRetrying: boolean): void {
    if (well) this.#tokens = Math.min(this.#tokens + this.#ratio, this.#maxTokens);
    else if (worthRetrying) this.#tokens = Math.max(this.#tokens - 1, 0);
  }

  allowRetry(): boolean {
    return this.#tokens === Infinity || this.#tokens > this.#maxTokens / 2;
  }
}
