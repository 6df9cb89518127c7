/**
 * A text that a plugin brings, with markers where other plugins may insert: `@@thriftgo_insertion_point(NAME)`.
 *
 * Text goes in front of the marker as it is, several texts in their order; the markers are not in what is written.
 *
 * @module
 */

const MARKER = /@@thriftgo_insertion_point\(([$.0-9A-Za-z_]*)\)/g;

/** A text with markers. */
export class MarkedText {
  /** The text as it was given. */
  readonly original: string;
  /** The names of its markers. */
  readonly points: ReadonlySet<string>;
  readonly #inserted = new Map<string, string>();

  /** Finds the markers. */
  constructor(text: string) {
    this.original = text;
    this.points = new Set(Array.from(text.matchAll(MARKER), ([, name = ""]) => name));
  }

  /** Inserts text at a marker that there is; one that occurs twice gets it twice. */
  insert(point: string, text: string): void {
    this.#inserted.set(point, (this.#inserted.get(point) ?? "") + text);
  }

  /** The text with what was inserted, without its markers. */
  finish(): string {
    return this.original.replace(MARKER, (_, name: string) => this.#inserted.get(name) ?? "");
  }
}
