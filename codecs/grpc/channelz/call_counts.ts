/**
 * How many calls began and how they ended: of a server, a channel or a subchannel.
 *
 * @module
 */

/** Counts calls. */
export class CallCounts {
  /** Begun. */
  begun = 0;
  /** Ended with the status OK. */
  succeeded = 0;
  /** Ended with another one. */
  failed = 0;
  /** When the last one began, in milliseconds of the epoch. */
  lastBegunMs: number | undefined = undefined;

  /** A call begins. */
  begin(nowMs: number): void {
    this.begun++;
    this.lastBegunMs = nowMs;
  }

  /** A call that began is over. */
  end(ok: boolean): void {
    if (ok) this.succeeded++;
    else this.failed++;
  }
}
