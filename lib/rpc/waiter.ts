/**
 * A call that waits for the first list of instances, or for a connection to one of them.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { Timer, TimerWheel } from "../io/timer_wheel.ts";
import type { AbortListener, Call } from "./call.ts";
import type { LinkedList } from "./linked_list.ts";

/** A call that waits. */
export class Waiter implements AbortListener {
  /** For the list it is in. */
  previous: Waiter | undefined = undefined;
  /** For the list it is in. */
  next: Waiter | undefined = undefined;
  readonly #call: Call;
  readonly #wheel: TimerWheel;
  readonly #all: LinkedList<Waiter>;
  /** Milliseconds that it waits for the first list; `Infinity` if it does not wait for that. */
  #patienceMs: number;
  readonly #resolve: () => void;
  readonly #reject: (error: RpcError) => void;
  #timer: Timer | undefined;
  #over = false;

  /** Of one wait; then `start`. */
  constructor(
    call: Call,
    wheel: TimerWheel,
    all: LinkedList<Waiter>,
    patienceMs: number,
    resolve: () => void,
    reject: (error: RpcError) => void,
  ) {
    this.#call = call;
    this.#wheel = wheel;
    this.#all = all;
    this.#patienceMs = patienceMs;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Does it wait however bad things are? */
  get patient(): boolean {
    return this.#call.waitForReady === true;
  }

  /** Begins to wait. */
  start(): void {
    this.#all.add(this);
    this.#arm(Math.min(this.#call.deadline, this.#call.clock.now() + this.#patienceMs));
    this.#call.onAbort(this);
  }

  /** There is a list: what it waits for now is a connection, which has limits of its own. */
  listed(): void {
    if (this.#patienceMs === Infinity) return;
    this.#patienceMs = Infinity;
    this.#disarm();
    this.#arm(this.#call.deadline);
  }

  /** The call was ended early. */
  aborted(reason: RpcError): void {
    this.fail(reason);
  }

  /** There is what it waits for. */
  go(): void {
    if (this.#settle()) this.#resolve();
  }

  /** There will not be. */
  fail(error: RpcError): void {
    if (this.#settle()) this.#reject(error);
  }

  #settle(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#all.delete(this);
    this.#disarm();
    this.#call.offAbort(this);
    return true;
  }

  #arm(untilMs: number): void {
    if (untilMs === Infinity) return;
    const { deadline, service } = this.#call;
    this.#timer = this.#wheel.add(untilMs, () => {
      this.fail(
        deadline <= untilMs
          ? this.#call.timeoutError()
          : new RpcError("unavailable", `no list of instances of ${service.name} within ${this.#patienceMs} ms`),
      );
    });
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#wheel.cancel(this.#timer);
  }
}
