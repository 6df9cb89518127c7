/**
 * Opens a client's connections before its first call, so that none of its callers waits for a dial (Kitex's warm-up).
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { describeEndpoint } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";
import type { TimerWheel } from "../io/timer_wheel.ts";
import type { LookedUp } from "./destinations.ts";
import type { Pool } from "./pool.ts";

/** How a client is warmed up. */
export interface WarmUpOptions {
  /** Connections opened to each address, as far as the pool keeps so many. Default 1. */
  readonly connections?: number | undefined;
  /** Addresses that are dialled at the same time. Default 10. */
  readonly parallel?: number | undefined;
}

/** An address that was warmed up. */
export interface WarmedUp {
  /** Which. */
  readonly address: string;
  /** Connections to it that are ready. */
  readonly connections: number;
  /** Why there are not more; `undefined` if there are as many as there should be. */
  readonly error: RpcError | undefined;
}

/** How long a list of instances may take: every wait has an end. */
const LIST_MS = 10_000;

/** The warm-up of one client. */
export class WarmUp {
  readonly #where: { readonly address: Endpoint } | LookedUp;
  readonly #pools: readonly Pool[];
  readonly #wheel: TimerWheel;
  readonly #waiting = new Set<(error: RpcError) => void>();

  /** Connections to `where`, of `pools`. */
  constructor(where: { readonly address: Endpoint } | LookedUp, pools: readonly Pool[], wheel: TimerWheel) {
    this.#where = where;
    this.#pools = pools;
    this.#wheel = wheel;
  }

  /**
   * Opens them. Rejects with kind `"invalid"` for numbers that cannot be used, `"unavailable"` if no list of instances is found,
   * `"canceled"` if the client is closed before there is one.
   */
  async run({ connections = 1, parallel = 10 }: WarmUpOptions): Promise<WarmedUp[]> {
    for (const [name, value] of Object.entries({ connections, parallel })) {
      if (!(Number.isInteger(value) && value >= 1)) throw new RpcError("invalid", `${name} ${value} is not 1 or more`);
    }
    const endpoints = "address" in this.#where ? [this.#where.address] : await this.#lookUp(this.#where);
    const done: WarmedUp[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < endpoints.length) {
        const at = next++;
        done[at] = await this.#warm(endpoints[at]!, connections);
      }
    };
    await Promise.all(Array.from({ length: Math.min(parallel, endpoints.length) }, work));
    return done;
  }

  /** Ends waits for a list: the client is closed. */
  close(): void {
    for (const fail of [...this.#waiting]) fail(new RpcError("canceled", "the client was closed"));
  }

  /** The first list that is found; nothing is followed further. */
  async #lookUp({ resolver, name, tags }: LookedUp): Promise<Endpoint[]> {
    const wheel = this.#wheel;
    let stop = (): void => {};
    try {
      return await new Promise((resolve, reject) => {
        const timer = wheel.add(wheel.clock.now() + LIST_MS, () => {
          reject(new RpcError("unavailable", `no list of instances of ${name} within ${LIST_MS} ms`));
        });
        this.#waiting.add(reject);
        const resolution = resolver.resolve({ name, tags }, {
          update: (instances) => resolve(instances.map(({ endpoint }) => endpoint)),
          failed: (cause) => {
            reject(new RpcError("unavailable", `${resolver.name} cannot find ${name}: ${cause.message}`, { cause }));
          },
        }, wheel);
        stop = () => {
          this.#waiting.delete(reject);
          wheel.cancel(timer);
          resolution.close();
        };
      });
    } finally {
      stop();
    }
  }

  /** Takes all connections before it gives the first back: else that one would be taken again. */
  async #warm(endpoint: Endpoint, connections: number): Promise<WarmedUp> {
    const wanted = this.#pools.flatMap((pool) => new Array<Pool>(Math.min(connections, pool.keeps)).fill(pool));
    const taken = await Promise.allSettled(
      wanted.map(async (pool) => ({ pool, session: await pool.acquire(endpoint) })),
    );
    let error: RpcError | undefined;
    let count = 0;
    for (const each of taken) {
      if (each.status === "rejected") error ??= RpcError.from(each.reason, "connect");
      else {
        count++;
        each.value.pool.release(each.value.session, true);
      }
    }
    return { address: describeEndpoint(endpoint), connections: count, error };
  }
}
