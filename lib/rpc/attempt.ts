/**
 * One try of a call on one connection, from the pool and back: settled once, by its answer, its deadline, an abort
 * or the end of its connection.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { turnNow } from "../io/clock.ts";
import type { Timer, TimerWheel } from "../io/timer_wheel.ts";
import { acquire } from "./acquire.ts";
import type { AbortListener, Call } from "./call.ts";
import type { Linked, LinkedList } from "./linked_list.ts";
import { Outcome } from "./outcome.ts";
import type { Pool } from "./pool.ts";
import type { ClientSession, Pending } from "./protocol.ts";
import { isUnseen, MAX_AGAIN } from "./unseen.ts";

/** One try of a call. */
export class Attempt extends Outcome implements Pending, AbortListener, Linked<Attempt> {
  readonly call: Call;
  seqid = 0;
  previous: Attempt | undefined = undefined;
  next: Attempt | undefined = undefined;
  readonly #pool: Pool;
  readonly #wheel: TimerWheel;
  readonly #all: LinkedList<Attempt>;
  #session: ClientSession | undefined;
  #timer: Timer | undefined;
  #settled = false;
  #again = 0;

  /** `all` holds every attempt under way. */
  constructor(call: Call, pool: Pool, wheel: TimerWheel, all: LinkedList<Attempt>) {
    super();
    this.call = call;
    this.#pool = pool;
    this.#wheel = wheel;
    this.#all = all;
  }

  /** Takes a connection and sends the call; once. */
  start(): void {
    const { call } = this;
    this.#all.add(this);
    call.onAbort(this);
    if (this.#settled) return;
    if (call.deadline !== Infinity) {
      if (call.deadline <= turnNow(call.clock)) return this.reject(call.timeoutError());
      this.#timer = this.#wheel.add(call.deadline, () => this.#giveUp(call.timeoutError()));
    }
    this.#acquire();
  }

  resolve(value: unknown): void {
    if (this.#settled) return;
    this.#settle(true);
    this.succeed(value);
  }

  reject(error: unknown): void {
    if (this.#settled) return;
    const { call } = this;
    // Of one that was chosen for being ready, whoever chose it looks for another.
    const again = this.#session !== undefined && !call.ready && isUnseen(error);
    if (again && this.#again++ < MAX_AGAIN) return this.#sendAgain();
    this.#settle(true);
    // The server gave up at the same deadline and was heard first: this side's timer is late, the call is no less over.
    this.fail(isGivenUp(error) && call.deadline <= call.clock.now() ? call.timeoutError() : error);
  }

  aborted(reason: RpcError): void {
    this.#giveUp(reason);
  }

  #acquire(): void {
    let found: ClientSession | Promise<ClientSession>;
    try {
      found = acquire(this.#pool, this.call);
    } catch (error) {
      return this.reject(RpcError.from(error, "connect"));
    }
    if (!(found instanceof Promise)) return this.#send(found);
    found.then((session) => {
      if (this.#settled) this.#pool.release(session, true);
      else this.#send(session);
    }, (error) => this.reject(error));
  }

  /** The server proves that it did not run the call, so it counts as not sent: it goes to the next connection. */
  #sendAgain(): void {
    this.#pool.release(this.#session!, false);
    this.#session = undefined;
    // In a turn of its own: the session that reports this is in the middle of its end.
    queueMicrotask(() => {
      if (!this.#settled) this.#acquire();
    });
  }

  #send(session: ClientSession): void {
    this.#session = session;
    try {
      if (session.send === undefined) throw new RpcError("invalid", "the protocol makes no calls with one answer");
      session.send(this);
    } catch (error) {
      this.reject(error);
    }
  }

  #giveUp(error: RpcError): void {
    if (this.#settled) return;
    this.#session?.cancel?.(this);
    this.#settle(false);
    this.fail(error);
  }

  #settle(reusable: boolean): void {
    this.#settled = true;
    this.#all.delete(this);
    this.call.offAbort(this);
    if (this.#timer !== undefined) this.#wheel.cancel(this.#timer);
    if (this.#session !== undefined) this.#pool.release(this.#session, reusable);
  }
}

/** May an error be what a server answers when it gives a call up? Protocols of Thrift have one type for all such. */
function isGivenUp(error: unknown): boolean {
  return error instanceof RpcError && error.remote && error.kind === "internal";
}
