/**
 * What became of a channel, a subchannel or a server: its last events.
 *
 * @module
 */

/** Characters of a description: it may hold the message of an error, which may hold what a peer wrote. */
const MAX_DESCRIPTION = 500;

/** An event. */
export interface TraceEvent {
  /** When it was, in milliseconds of the epoch. */
  readonly atMs: number;
  /** What happened. */
  readonly description: string;
  /** Does somebody have to look at it? */
  readonly warning: boolean;
  /** The subchannel that it happened to. */
  readonly subchannel: { readonly id: number; readonly name: string } | undefined;
}

/** The last events of one of them. */
export class EventTrace {
  /** When it came to be, in milliseconds of the epoch. */
  readonly createdMs: number;
  /** How many events there were, those forgotten included. */
  logged = 0;
  readonly #max: number;
  readonly #now: () => number;
  readonly #events: TraceEvent[] = [];

  /** Keeps `max` events; `now` gives milliseconds of the epoch. */
  constructor(max: number, now: () => number) {
    this.createdMs = now();
    this.#max = max;
    this.#now = now;
  }

  /** Those kept, the oldest first. */
  get events(): readonly TraceEvent[] {
    return this.#events;
  }

  /** Adds one; where there is no more room the oldest goes. */
  add(
    description: string,
    { warning = false, subchannel }: Partial<Omit<TraceEvent, "atMs" | "description">> = {},
  ): void {
    this.logged++;
    this.#events.push({ atMs: this.#now(), description: description.slice(0, MAX_DESCRIPTION), warning, subchannel });
    if (this.#events.length > this.#max) this.#events.shift();
  }
}
