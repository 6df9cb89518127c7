/**
 * One place where calls are counted: of a server, a service, a method or a caller.
 *
 * @module
 */
import { TokenBucket } from "./token_bucket.ts";

/** What a gate lets through. 0 or left out: all. */
interface GateLimits {
  readonly qps?: number | undefined;
  readonly concurrency?: number | undefined;
}

/** Counts the calls of one owner. */
export class Gate {
  /** Whose calls it counts. */
  readonly name: string;
  #qps = 0;
  #concurrency = 0;
  /** Made when the first call comes: then there is a clock. */
  #bucket: TokenBucket | undefined;
  #running = 0;

  /** Lets everything through at first. */
  constructor(name: string) {
    this.name = name;
  }

  /** Does it limit anything? */
  get limited(): boolean {
    return this.#qps > 0 || this.#concurrency > 0;
  }

  /** Calls under way. */
  get running(): number {
    return this.#running;
  }

  /** Other limits from now on. */
  update({ qps = 0, concurrency = 0 }: GateLimits): void {
    this.#qps = qps;
    this.#concurrency = concurrency;
    if (qps > 0) this.#bucket?.update(qps);
    else this.#bucket = undefined;
  }

  /** The limit that lets no further call through at `now`, if one does not. */
  closedBy(now: number): "qps" | "concurrency" | undefined {
    if (this.#concurrency > 0 && this.#running >= this.#concurrency) return "concurrency";
    if (this.#qps <= 0) return undefined;
    this.#bucket ??= new TokenBucket(this.#qps, now);
    return this.#bucket.has(now) ? undefined : "qps";
  }

  /** How high a limit is. */
  valueOf(limit: "qps" | "concurrency"): number {
    return limit === "qps" ? this.#qps : this.#concurrency;
  }

  /** A call goes through. */
  enter(): void {
    this.#running++;
    this.#bucket?.take();
  }

  /** It is over. */
  leave(): void {
    this.#running--;
  }
}
