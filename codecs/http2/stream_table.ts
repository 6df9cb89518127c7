/**
 * The streams of a connection: the open ones by id, and for ids that are gone how they went, as far back as matters.
 *
 * Spec: RFC 9113 §5.1, §5.1.1.
 *
 * @module
 */
import type { Http2Stream } from "./stream.ts";

/** How a stream that is no longer there went. */
export const Gone: {
  readonly SKIPPED: 0;
  readonly ENDED: 1;
  readonly RESET_BY_PEER: 2;
  readonly RESET_BY_US: 3;
} = {
  /** Never used: a higher id was. */
  SKIPPED: 0,
  /** Both sides ended it. */
  ENDED: 1,
  /** The peer sent RST_STREAM. */
  RESET_BY_PEER: 2,
  /** This side did: frames the peer sent before it knew are to be ignored. */
  RESET_BY_US: 3,
};

/** For so many ids back it is known how streams went. A power of two. */
const REMEMBERED = 512;

/** Streams by id. All are begun by one side: there are no pushed ones. */
export class StreamTable {
  /** The highest id used; 0 before the first. All above are idle. */
  last = 0;
  /** How many were added so far. */
  added = 0;
  readonly #open = new Map<number, Http2Stream>();
  readonly #gone = new Uint8Array(REMEMBERED);

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** The open stream of this id. */
  get(id: number): Http2Stream | undefined {
    return this.#open.get(id);
  }

  /** All that are open. They may be closed meanwhile. */
  all(): Http2Stream[] {
    return [...this.#open.values()];
  }

  /** Uses an id, which is above `last` and odd. The stream is not there until `add`. */
  use(id: number): void {
    const skipped = Math.min((id - this.last - 2) >> 1, REMEMBERED);
    for (let i = 1; i <= skipped; i++) this.#gone[slotOf(id - 2 * i)] = Gone.SKIPPED;
    this.#gone[slotOf(id)] = Gone.RESET_BY_US;
    this.last = id;
  }

  /** Adds a stream whose id was used. */
  add(stream: Http2Stream): void {
    this.added++;
    this.#open.set(stream.id, stream);
  }

  /** Removes a stream; `how` is one of `Gone`. */
  remove(stream: Http2Stream, how: number): void {
    this.#open.delete(stream.id);
    if (stream.id + 2 * REMEMBERED > this.last) this.#gone[slotOf(stream.id)] = how;
  }

  /** Is this the id of a stream that was not begun yet, by the side that begins them? */
  isIdle(id: number): boolean {
    return id > this.last || (id & 1) === 0;
  }

  /**
   * How a stream went that is neither open nor idle. Of one long ago it is assumed that this side reset it: on a fast
   * connection many streams come and go until the peer knows, and what it sent before is no fault of its.
   */
  gone(id: number): number {
    return id + 2 * REMEMBERED > this.last ? this.#gone[slotOf(id)]! : Gone.RESET_BY_US;
  }
}

function slotOf(id: number): number {
  return (id >>> 1) & (REMEMBERED - 1);
}
