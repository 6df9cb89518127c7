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
  /** The connection is gone. Once, last; `reason` is set if it was not a clean close. */
  close(reason?: unknown): void;
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
