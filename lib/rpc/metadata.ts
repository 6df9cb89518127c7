/**
 * Metadata of a call: string pairs that travel beside the payload.
 *
 * The three kinds and their names are Kitex's metainfo. Protocols without a header (framed and buffered Thrift) carry
 * none: what is set here then stays on this side.
 *
 * @module
 */

/** Pairs that a caller adds to a call. */
export interface MetadataInit {
  /** Pairs for the next hop only. */
  readonly transient?: Readonly<Record<string, string>> | undefined;
  /** Pairs for the whole chain of calls. */
  readonly persistent?: Readonly<Record<string, string>> | undefined;
}

/** Metadata of one call; maps are made when first asked for. */
export class Metadata {
  #transient: Map<string, string> | undefined;
  #persistent: Map<string, string> | undefined;
  #backward: Map<string, string> | undefined;
  #trailers: Map<string, string> | undefined;

  /** Begins with the pairs of `init`. */
  constructor(init?: MetadataInit) {
    if (init?.transient) this.#transient = new Map(Object.entries(init.transient));
    if (init?.persistent) this.#persistent = new Map(Object.entries(init.persistent));
  }

  /** Pairs for this hop only. */
  get transient(): Map<string, string> {
    return this.#transient ??= new Map();
  }

  /** Pairs for the whole chain of calls. */
  get persistent(): Map<string, string> {
    return this.#persistent ??= new Map();
  }

  /**
   * Pairs that a server sends back to its caller: with the answer, or in a stream before its first message, so set them
   * before that.
   */
  get backward(): Map<string, string> {
    return this.#backward ??= new Map();
  }

  /** Pairs that a server sends back at the end of a stream. */
  get trailers(): Map<string, string> {
    return this.#trailers ??= new Map();
  }
}
