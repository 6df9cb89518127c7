/**
 * What becomes of a client's connections, told as it happens and counted (Kitex's connection reporter).
 *
 * @module
 */
import { describeEndpoint } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";
import type { Pool, PoolHost } from "./pool.ts";

/** Something that became of a connection of a client. */
export interface ConnectionEvent {
  /**
   * `"opened"`: it was dialled (Kitex's `ConnSucceed`). `"failed"`: it could not be (`ConnFailed`). `"reused"`: a call took one that was
   * there (`ReuseSucceed`). `"closed"`: it is gone, whoever closed it.
   */
  readonly type: "opened" | "failed" | "reused" | "closed";
  /** Where it goes. */
  readonly endpoint: Endpoint;
  /** Milliseconds: how long dialling took, or how long it was open; 0 for `"reused"`. */
  readonly elapsedMs: number;
  /** Why it could not be opened; else `undefined`. */
  readonly error: unknown;
}

/** Is told of connections. What it throws is dropped. */
export type ConnectionReporter = (event: ConnectionEvent) => void;

/** Makes a pool and lets `report` be told of its connections: `make` makes it over a host that tells of dials. */
export function reportConnections(host: PoolHost, report: ConnectionReporter, make: (host: PoolHost) => Pool): Pool {
  const { clock } = host.wheel;
  const tell = (type: ConnectionEvent["type"], endpoint: Endpoint, since?: number, error?: unknown): void => {
    try {
      report({ type, endpoint, elapsedMs: since === undefined ? 0 : clock.now() - since, error });
    } catch {
      // A reporter that fails must not become the call's failure; there is nobody else to tell.
    }
  };
  const pool = make({
    ...host,
    async dial(...args) {
      const [to] = args;
      const began = clock.now();
      try {
        const session = await host.dial(...args);
        const opened = clock.now();
        tell("opened", to, began);
        session.conn.onClose(() => tell("closed", to, opened));
        return session;
      } catch (error) {
        tell("failed", to, began, error);
        throw error;
      }
    },
  });
  // In place, since a pool may have more than all pools have.
  const { acquire, ready } = pool;
  pool.acquire = (to, connectTimeoutMs) => {
    const found = acquire(to, connectTimeoutMs);
    if (!(found instanceof Promise)) tell("reused", to);
    return found;
  };
  if (ready !== undefined) {
    pool.ready = (to) => {
      const found = ready(to);
      if (found !== undefined) tell("reused", to);
      return found;
    };
  }
  return pool;
}

/** How many connections there were. */
export interface ConnectionCounts {
  /** Dialled. */
  readonly opened: number;
  /** That could not be dialled. */
  readonly failed: number;
  /** Calls that took a connection that was there. */
  readonly reused: number;
  /** Gone again. */
  readonly closed: number;
  /** Open now. */
  readonly open: number;
}

/** Addresses that are counted apart; beyond, those without an open connection are forgotten, the oldest first. */
const MAX_ADDRESSES = 1_000;

interface Tally {
  opened: number;
  failed: number;
  reused: number;
  closed: number;
}

/** Counts what a client tells of its connections: `createClient(S, { onConnection: counter.report })`. May serve several clients. */
export class ConnectionCounter {
  readonly #total: Tally = { opened: 0, failed: 0, reused: 0, closed: 0 };
  readonly #byAddress = new Map<string, Tally>();

  /** Takes an event; needs no `this`. */
  readonly report: ConnectionReporter = ({ type, endpoint }) => {
    this.#total[type]++;
    this.#of(describeEndpoint(endpoint))[type]++;
  };

  /** Of all addresses. */
  get total(): ConnectionCounts {
    return countsOf(this.#total);
  }

  /** By address, as `describeEndpoint` writes it; of the last 1,000. */
  get byAddress(): ReadonlyMap<string, ConnectionCounts> {
    return new Map([...this.#byAddress].map(([address, tally]) => [address, countsOf(tally)]));
  }

  #of(address: string): Tally {
    let tally = this.#byAddress.get(address);
    if (tally === undefined) {
      if (this.#byAddress.size >= MAX_ADDRESSES) this.#forgetOne();
      this.#byAddress.set(address, tally = { opened: 0, failed: 0, reused: 0, closed: 0 });
    }
    return tally;
  }

  #forgetOne(): void {
    for (const [address, { opened, closed }] of this.#byAddress) {
      if (opened <= closed) return void this.#byAddress.delete(address);
    }
    const [oldest] = this.#byAddress.keys();
    this.#byAddress.delete(oldest!);
  }
}

function countsOf({ opened, failed, reused, closed }: Tally): ConnectionCounts {
  return { opened, failed, reused, closed, open: Math.max(0, opened - closed) };
}
