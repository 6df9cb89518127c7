/**
 * Who is told of what happens on a connection.
 *
 * @module
 */

/** What a protocol's session does with a connection in push mode. An exception out of any of these aborts it. */
export interface ConnectionHandler {
  /**
   * True hears the peer also while output is above its high mark, as `ConnectionOptions.readWhileFull` does: for protocols in
   * which the peer can say that it wants no more. The handler then has to bound its output by itself. Default `false`.
   */
  readonly readWhileFull?: boolean;
  /**
   * Parses in place and says how many bytes it consumed, 0 to all. `bytes` is valid during the call only. The rest is
   * kept and offered again in one piece with what follows, once at least `connection.need` bytes are there.
   */
  data(bytes: Uint8Array): number;
  /** The peer will send no more; all its bytes were offered before. Default: closes after flushing. */
  end?(): void;
  /** Pending output has fallen to the low-water mark after it was above the high one. */
  drain?(): void;
  /** `idleTimeoutMs` have passed: true keeps the connection for as long again. Default: it is closed. */
  idle?(): boolean;
  /**
   * The connection is gone. Once, last; `reason` is set if it was not a clean close, and `byPeer` tells that it broke, as
   * against closed or aborted here.
   */
  close(reason?: unknown, byPeer?: boolean): void;
}

/** A handler that keeps input by itself, as pull mode does. */
export interface InputHandler extends ConnectionHandler {
  /** Takes a chunk in place of `data`, also while held; `owned` ones may be kept as they are, others are valid during the call. */
  chunk(bytes: Uint8Array, owned: boolean): void;
  /** How many bytes it keeps that nobody waits for: the peer has to wait at the high-water mark, until `resume`. */
  readonly keptBytes: number;
  /** A time given to `watchUntil` may have come: gives the next one, or `Infinity`. */
  expire(nowMs: number): number;
}

/** What the user of a connection in pull mode is told of. An exception out of any of these aborts it. */
export interface PullHandler {
  /** Bytes arrived and no read was waiting for them. */
  readable?(): void;
  /** The peer will send no more; what it sent can still be read. */
  end?(): void;
  /** The connection is gone. Once, last; `byPeer` tells that it broke, as against closed or aborted here. */
  close?(reason: unknown, byPeer: boolean): void;
}
