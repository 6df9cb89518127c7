/**
 * Flow control of what this side receives: for one stream, or for the connection.
 *
 * What was consumed is given back in large steps, when it comes to half of the window: calls that fit into the window
 * cost no WINDOW_UPDATE at all.
 *
 * Spec: RFC 9113 §5.2, §6.9.
 *
 * @module
 */

/** How much the peer may send. */
export class ReceiveWindow {
  /** What the window is when everything was consumed. */
  limit: number;
  /** What the peer may still send. Below zero only after the limit was lowered. */
  left: number;
  /** Consumed, and not yet told the peer. */
  #credit = 0;

  /** A window of `limit` octets. */
  constructor(limit: number) {
    this.limit = limit;
    this.left = limit;
  }

  /** `count` octets came; false if that is more than was allowed. */
  take(count: number): boolean {
    if (count > this.left) return false;
    this.left -= count;
    return true;
  }

  /** `count` octets were consumed; gives the increment to send now, or 0. */
  give(count: number): number {
    this.#credit += count;
    return this.#credit * 2 >= this.limit ? this.flush() : 0;
  }

  /** Gives the increment that is due, however small. */
  flush(): number {
    const increment = this.#credit;
    this.#credit = 0;
    this.left += increment;
    return increment;
  }

  /** The peer knows of a new limit by a setting: what it may send changes by the difference. */
  move(limit: number): void {
    this.left += limit - this.limit;
    this.limit = limit;
  }

  /** Raises the limit; gives the increment to send, which includes what is due. */
  grow(limit: number): number {
    this.#credit += limit - this.limit;
    this.limit = limit;
    return this.flush();
  }
}
