/**
 * How a client stands with the addresses it dials: what balancers that care about it ask.
 *
 * @module
 */
import type { Connectivity } from "../discovery/balancer.ts";
import { describeEndpoint } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";

interface Standing {
  open: number;
  dialling: number;
  failed: boolean;
}

/** The standing of each address that was dialled and is not idle again. */
export class ConnectivityTable {
  readonly #standings = new Map<string, Standing>();
  /** Told when the standing of an address may have changed. */
  onChange: ((endpoint: Endpoint) => void) | undefined;

  /** How things stand with an address. */
  of(endpoint: Endpoint): Connectivity {
    const standing = this.#standings.get(describeEndpoint(endpoint));
    if (standing === undefined) return "idle";
    if (standing.open > 0) return "ready";
    return standing.dialling > 0 ? "connecting" : standing.failed ? "transient-failure" : "idle";
  }

  /** A dial began. Exactly one of `opened` and `failed` follows. */
  dialling(endpoint: Endpoint): void {
    this.#change(endpoint, (standing) => void standing.dialling++);
  }

  /** A dial ended well. `closed` follows once, when the connection is gone. */
  opened(endpoint: Endpoint): void {
    this.#change(endpoint, (standing) => {
      standing.dialling--;
      standing.open++;
      standing.failed = false;
    });
  }

  /** A dial failed. */
  failed(endpoint: Endpoint): void {
    this.#change(endpoint, (standing) => {
      standing.dialling--;
      standing.failed = true;
    });
  }

  /** A connection is gone. */
  closed(endpoint: Endpoint): void {
    this.#change(endpoint, (standing) => void standing.open--);
  }

  /** An address left the list: its failures count no more. */
  forget(endpoint: Endpoint): void {
    this.#change(endpoint, (standing) => {
      standing.failed = false;
    });
  }

  #change(endpoint: Endpoint, change: (standing: Standing) => void): void {
    const key = describeEndpoint(endpoint);
    let standing = this.#standings.get(key);
    if (standing === undefined) this.#standings.set(key, standing = { open: 0, dialling: 0, failed: false });
    change(standing);
    if (standing.open === 0 && standing.dialling === 0 && !standing.failed) this.#standings.delete(key);
    this.onChange?.(endpoint);
  }
}
