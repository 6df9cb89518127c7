/**
 * What a server does before it takes calls and after: hooks, its entry in a registry, and the states others look at.
 *
 * ```text
 *  starting --(listens, start hooks ran, registered)--> ready --(close)--> draining --> closed
 * ```
 *
 * On the way out the entry goes first: clients that look the server up stop sending before it stops taking.
 *
 * @module
 */
import type { Registration, Registry, RegistryInfo } from "../discovery/registry.ts";
import { RpcError } from "../errors.ts";
import type { Clock } from "../io/clock.ts";
import { describeEndpoint, parseTarget } from "../io/endpoint.ts";
import type { Endpoint } from "../io/raw.ts";

/** Where a server stands. Only a ready one should get calls; all but a closed one answer them. */
export type ServerState = "starting" | "ready" | "draining" | "closed";

/** What is registered of a server. */
export interface ServerRegistryInfo extends Omit<RegistryInfo, "endpoint"> {
  /** Where clients reach it, if that is not where it listens: `host:port`, or a host alone for the port it listens on. */
  readonly address?: string | undefined;
}

/** What a server does around serving. */
export interface LifeCycleOptions {
  /** Where the server is entered once it is ready, and taken out first when it closes. Default: nowhere. */
  readonly registry?: Registry | undefined;
  /** What is entered; needed with `registry`. */
  readonly registryInfo?: ServerRegistryInfo | undefined;
  /** Run in order once the server listens; it is ready, and registered, when all of them are done. One that fails closes it. */
  readonly onStart?: readonly (() => unknown)[] | undefined;
  /** Run in order when the server is about to close, before anything else. One that fails is reported, the others run. */
  readonly onShutdown?: readonly (() => unknown)[] | undefined;
  /**
   * Milliseconds between the end of the entry and the end of listening, for clients to hear of it. The calls of that time are
   * answered. Default 0.
   */
  readonly drainDelayMs?: number | undefined;
}

/** How long a registry may take to answer a server that leaves: closing must come to its end. */
const DEREGISTER_MS = 3_000;

/** How long a shutdown hook may take. */
const HOOK_MS = 10_000;

/** One server's way through its states. */
export class LifeCycle {
  readonly #options: LifeCycleOptions;
  readonly #clock: Clock;
  readonly #report: (error: RpcError) => void;
  readonly #listeners = new Set<(state: ServerState) => void>();
  #state: ServerState = "starting";
  #registration: Promise<Registration> | undefined;

  /** `report` is told of hooks and registries that fail on the way out, and of entries that could not be renewed. */
  constructor(options: LifeCycleOptions, clock: Clock, report: (error: RpcError) => void) {
    if ((options.registry === undefined) !== (options.registryInfo === undefined)) {
      throw new RpcError("invalid", "`registry` and `registryInfo` need each other");
    }
    this.#options = options;
    this.#clock = clock;
    this.#report = report;
  }

  /** Where the server stands. */
  get state(): ServerState {
    return this.#state;
  }

  /** Tells of every change from now on; gives what ends that. The listener must not throw. */
  onChange(listener: (state: ServerState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The server listens: runs the start hooks and registers it. Rejects with what failed; the server must be closed then. */
  async start(local: Endpoint): Promise<void> {
    const { registry, registryInfo, onStart = [] } = this.#options;
    const endpoint = registryInfo === undefined ? undefined : reachable(registryInfo.address, local);
    for (const hook of onStart) await hook();
    if (this.#state !== "starting") return;
    if (registry !== undefined && registryInfo !== undefined && endpoint !== undefined) {
      const { address: _, ...info } = registryInfo;
      this.#registration = registry.register({ startedAtMs: Date.now(), ...info, endpoint }, { onError: this.#report });
      await this.#registration;
    }
    if (this.#state === "starting") this.#become("ready");
  }

  /** The server is about to close: a promise of when it may stop to listen, if not at once. Never rejects. */
  drain(): Promise<void> | undefined {
    this.#become("draining");
    return this.#registration === undefined && (this.#options.onShutdown ?? []).length === 0
      ? undefined
      : this.#leave();
  }

  /** The server is closed. */
  end(): void {
    this.#become("closed");
    this.#listeners.clear();
  }

  async #leave(): Promise<void> {
    const { onShutdown = [], drainDelayMs = 0 } = this.#options;
    const registration = this.#registration;
    for (const hook of onShutdown) await this.#within(HOOK_MS, "a shutdown hook", async () => await hook());
    if (registration === undefined) return;
    await this.#within(DEREGISTER_MS, "the registry", async () => await (await registration).deregister());
    if (drainDelayMs > 0) await new Promise<void>((resolve) => void this.#clock.after(drainDelayMs, resolve));
  }

  /** Runs something on the way out, which neither its failure nor its slowness may keep from its end. */
  async #within(ms: number, what: string, run: () => Promise<unknown>): Promise<void> {
    let cancel = (): void => {};
    const late = new Promise<never>((_, reject) => {
      cancel = this.#clock.after(ms, () => reject(new RpcError("timeout", `${what} was not done within ${ms} ms`)));
    });
    try {
      await Promise.race([run(), late]);
    } catch (error) {
      this.#report(RpcError.from(error, "internal"));
    } finally {
      cancel();
    }
  }

  #become(state: ServerState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }
}

/** Where clients reach a server that listens on `local`. */
function reachable(address: string | undefined, local: Endpoint): Endpoint {
  const port = "port" in local ? local.port : undefined;
  const endpoint = address === undefined ? local : parseTarget(
    port !== undefined && isHostAlone(address) ? describeEndpoint({ hostname: bare(address), port }) : address,
  );
  if ("hostname" in endpoint && ["0.0.0.0", "::", ""].includes(endpoint.hostname)) {
    throw new RpcError(
      "invalid",
      `${describeEndpoint(endpoint)} cannot be registered, nobody reaches it: set \`registryInfo.address\``,
    );
  }
  return endpoint;
}

function isHostAlone(address: string): boolean {
  return !address.startsWith("unix:") &&
    (address.startsWith("[") ? address.endsWith("]") : !/^[^:]*:\d+$/.test(address));
}

function bare(address: string): string {
  return address.startsWith("[") ? address.slice(1, -1) : address;
}
