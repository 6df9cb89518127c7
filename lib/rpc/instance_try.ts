/**
 * A call on one of a service's instances: its balancer hears when it began there and how it ended, also where the call moves on to
 * another instance because the first had not seen it.
 *
 * @module
 */
import type { Instance } from "../discovery/instance.ts";
import type { RpcError } from "../errors.ts";
import type { Call, CallRouter } from "./call.ts";
import type { Destination } from "./destination.ts";
import type { Follower } from "./outcome.ts";

/** One try of a call, on an instance of `Destination`. */
export class InstanceTry implements Follower, CallRouter {
  readonly #of: Destination;
  readonly #call: Call;
  readonly #picks: number;
  readonly #tried: Set<Instance> | undefined;
  #instance: Instance;
  #begunMs: number;
  /** The balancer was told that it began, and not yet how it ended. */
  #runs = true;
  #over = false;

  /** The balancer was told that it began on `instance`, at `begunMs`; `picks` and `tried` are those of the call so far. */
  constructor(
    of: Destination,
    call: Call,
    instance: Instance,
    begunMs: number,
    picks: number,
    tried: Set<Instance> | undefined,
  ) {
    this.#of = of;
    this.#call = call;
    this.#instance = instance;
    this.#begunMs = begunMs;
    this.#picks = picks;
    this.#tried = tried;
  }

  succeeded(): void {
    this.#over = true;
    this.#ended(undefined);
  }

  failed(error: unknown): void {
    this.#over = true;
    this.#ended(error);
  }

  recover(error: unknown): unknown {
    return this.#of.elsewhere(this.#call, error, this.#instance, this.#picks, this.#tried);
  }

  /** Moves to another instance. Of a stream to its caller that was open, which is all that balancers count, none is told. */
  async again(call: Call, reason: RpcError): Promise<Call> {
    this.#ended(reason);
    const { instance, ready } = await this.#of.another(call, reason);
    if (!this.#over) {
      this.#instance = instance;
      this.#begunMs = this.#of.begun(instance);
      this.#runs = true;
    }
    return call.sentTo(instance, ready, this);
  }

  #ended(error: unknown): void {
    if (!this.#runs) return;
    this.#runs = false;
    this.#of.ended(this.#instance, this.#begunMs, error);
  }
}
