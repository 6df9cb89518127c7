/**
 * What the frames of one connection may cost: those that move nothing, and those that want an answer.
 *
 * @module
 */
import { Budget } from "./budget.ts";
import { ErrorCode, Http2Error } from "./errors.ts";
import type { Http2Options } from "./options.ts";

/** The allowances of one peer. Both throw when nothing is left to pay with. */
export class FrameBudgets {
  readonly #idleFrames: Budget;
  readonly #replies: Budget;

  /** Full ones; `now` gives monotonic milliseconds. */
  constructor(options: Required<Http2Options>, now: () => number) {
    this.#idleFrames = new Budget(options.idleFrameBurst, options.idleFramesPerSecond, now);
    this.#replies = new Budget(options.maxQueuedReplies, options.idleFramesPerSecond, now);
  }

  /** So many useful frames came or went since the last time; `isSent` if the peer has taken all that was written. */
  earn(work: number, isSent: boolean): void {
    this.#idleFrames.earn(work);
    this.#replies.earn(isSent ? Infinity : work);
  }

  /** Pays for a frame that moves nothing. */
  spendIdle(): void {
    if (!this.#idleFrames.spend()) throw new Http2Error(ErrorCode.ENHANCE_YOUR_CALM, "too many frames that do nothing");
  }

  /** Pays for a frame that is answered. */
  spendReply(): void {
    this.spendIdle();
    if (!this.#replies.spend()) throw new Http2Error(ErrorCode.ENHANCE_YOUR_CALM, "replies are not read");
  }
}
