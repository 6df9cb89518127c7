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
  /** Header fields for the next hop, where the protocol has a header of its own: gRPC's metadata. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How the call's messages are compressed; see `Metadata.compression`. */
  readonly compression?: string | undefined;
}

/** Sends what goes back with the beginning of an answer. */
export interface MetadataFlusher {
  /** Sends `backward`, if that was not done. Throws an `RpcError` for what cannot be sent. */
  flush(meta: Metadata): void;
}

/** Metadata of one call; maps are made when first asked for. */
export class Metadata {
  /**
   * Name of the way that this side's messages are compressed, where the protocol can: `"gzip"`, or `"identity"` for not at
   * all. To be set before the first message goes out. A server keeps to it if its caller takes it. Default: what the protocol
   * was told.
   */
  compression: string | undefined;
  /** False sends the messages that follow as they are, though `compression` holds for the call. */
  compress = true;
  /** On a client, of a call that failed: had its server begun to answer? Such a call must not be sent again unasked. */
  answered = false;
  /** For protocols: on a server, what sends `backward` when it is flushed. */
  flusher: MetadataFlusher | undefined = undefined;
  #transient: Map<string, string> | undefined;
  #persistent: Map<string, string> | undefined;
  #backward: Map<string, string> | undefined;
  #trailers: Map<string, string> | undefined;
  #headers: Map<string, string> | undefined;
  #compressed: WeakSet<object> | undefined;

  /** Begins with the pairs of `init`. */
  constructor(init?: MetadataInit) {
    if (init?.transient) this.#transient = new Map(Object.entries(init.transient));
    if (init?.persistent) this.#persistent = new Map(Object.entries(init.persistent));
    if (init?.headers) this.#headers = new Map(Object.entries(init.headers));
    this.compression = init?.compression;
  }

  /**
   * On a server, of a call with streams: sends `backward` now instead of with the first message (grpc-go's `SendHeader`), where the
   * protocol can: gRPC. Has no effect once they were sent, and elsewhere. Throws an `RpcError` of kind `"invalid"` or `"overload"` for
   * what cannot be sent.
   */
  flush(): void {
    this.flusher?.flush(this);
  }

  /** Did a message of the call, one that was handed out, come compressed? */
  wasCompressed(message: object): boolean {
    return this.#compressed?.has(message) ?? false;
  }

  /** For protocols: a message that is handed out came compressed. */
  noteCompressed(message: unknown): void {
    if (typeof message === "object" && message !== null) (this.#compressed ??= new WeakSet()).add(message);
  }

  /** True if a caller set pairs that go with the call. */
  get hasForward(): boolean {
    return (this.#transient?.size ?? 0) > 0 || (this.#persistent?.size ?? 0) > 0;
  }

  /** True if a server set pairs that go back with the answer. */
  get hasBackward(): boolean {
    return (this.#backward?.size ?? 0) > 0;
  }

  /** Takes over what a server sent back. */
  receive(answer: Metadata): void {
    for (const [key, value] of answer.backward) this.backward.set(key, value);
  }

  /** A copy of what goes with the call; what comes back for one is not in the other. */
  copy(): Metadata {
    const copy = new Metadata();
    copy.compression = this.compression;
    copy.compress = this.compress;
    if (this.#transient !== undefined) copy.#transient = new Map(this.#transient);
    if (this.#persistent !== undefined) copy.#persistent = new Map(this.#persistent);
    if (this.#headers !== undefined) copy.#headers = new Map(this.#headers);
    return copy;
  }

  /** Takes over all that came back for a copy. */
  receiveAll(copy: Metadata): void {
    if (copy.#backward !== undefined) this.receive(copy);
    for (const [key, value] of copy.#trailers ?? []) this.trailers.set(key, value);
  }

  /** True if there are header fields of a call. */
  get hasHeaders(): boolean {
    return (this.#headers?.size ?? 0) > 0;
  }

  /** True if a server set pairs for the end of a call. */
  get hasTrailers(): boolean {
    return (this.#trailers?.size ?? 0) > 0;
  }

  /** Header fields of the call itself, where the protocol has a header of its own: gRPC's metadata. Names in lower case. */
  get headers(): Map<string, string> {
    return this.#headers ??= new Map();
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
