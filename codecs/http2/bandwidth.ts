/**
 * How much is on its way when the connection is used fully: the bandwidth-delay product, measured with a PING around data.
 *
 * What arrives between a PING and its answer is about one round trip's worth. When that nearly fills the window, and came
 * faster than anything before, the window is what limits the peer, and twice as much is worth allowing.
 *
 * A PING goes out only when a quarter of the window came since the last one, so small calls hardly ever cause one.
 *
 * @module
 */

/** The 8 octets of the PING, the same that grpc-go and Kitex use. */
export const BANDWIDTH_PING: Uint8Array = new Uint8Array([2, 4, 16, 16, 9, 14, 7, 7]);

/** Measures one connection. */
export class Bandwidth {
  /** The window that the measurements call for, in octets. */
  window: number;
  readonly #maxWindow: number;
  /** Received since the last PING was answered. What came before this one went out belongs to the same burst. */
  #received = 0;
  #sentMs = -1;
  #roundTripMs = 0;
  #best = 0;

  /** Begins at `window` octets and never goes above `maxWindow`; the same of both measures nothing. */
  constructor(window: number, maxWindow: number) {
    this.window = window;
    this.#maxWindow = maxWindow;
  }

  /** `count` octets of data came; true if a PING is to be sent, and `sent` called. */
  received(count: number): boolean {
    if (this.window >= this.#maxWindow) return false;
    this.#received += count;
    return this.#sentMs < 0 && this.#received * 4 >= this.window;
  }

  /** The PING goes out now. */
  sent(nowMs: number): void {
    this.#sentMs = nowMs;
  }

  /** The answer is here; true if `window` has grown. */
  answered(nowMs: number): boolean {
    if (this.#sentMs < 0) return false;
    const tookMs = Math.max(nowMs - this.#sentMs, 0.001);
    const received = this.#received;
    this.#sentMs = -1;
    this.#received = 0;
    // The mean forgets slowly: one slow answer must not make the next ones look fast.
    this.#roundTripMs = this.#roundTripMs === 0 ? tookMs : this.#roundTripMs + (tookMs - this.#roundTripMs) / 8;
    const speed = received / (this.#roundTripMs * 1.5);
    const faster = speed > this.#best;
    if (faster) this.#best = speed;
    if (!faster || received * 3 < this.window * 2) return false;
    this.window = Math.min(Math.max(this.window, received * 2), this.#maxWindow);
    return true;
  }
}
