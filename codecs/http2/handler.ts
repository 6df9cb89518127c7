/**
 * What the user of an HTTP/2 connection is told. All calls are made from within `receive`, `tick`, `drain` or `lost`, or
 * from a call of the user's own; any of the connection's methods may be called in them. They must not throw.
 *
 * @module
 */
import type { Http2Error } from "./errors.ts";
import type { HeaderList } from "./header_list.ts";
import type { Settings } from "./settings.ts";
import type { Http2Stream } from "./stream.ts";

/** What happens on a connection. For each stream: `headers`, any number of `data`, at most one `trailers` or `reset`. */
export interface Http2Handler {
  /** A server's stream begins with its request; a client's gets its final response. `ended`: nothing follows. */
  headers(stream: Http2Stream, headers: HeaderList, ended: boolean): void;
  /**
   * Content came: the octets of `bytes` from `start` to `end`, valid during the call only. They count against the windows
   * until `consumed` is told of them. `ended`: nothing follows; then there may be no octets at all.
   */
  data(stream: Http2Stream, bytes: Uint8Array, start: number, end: number, ended: boolean): void;
  /** Trailers came; nothing follows. */
  trailers(stream: Http2Stream, trailers: HeaderList): void;
  /**
   * The stream is over before its time. `remote`: by the peer, else because the peer broke a rule, or the connection is
   * lost. See `stream.unprocessed` too. Comes even after the end of what the peer sent if this side had not ended. Not told
   * to who called `reset`.
   */
  reset(stream: Http2Stream, code: number, remote: boolean): void;
  /** An interim response (1xx) came to a client's stream. */
  informational?(stream: Http2Stream, headers: HeaderList): void;
  /**
   * A server's stream begins with a request whose header list is larger than the limit; `headers` is the part that fitted.
   * Answer it and see it ended. Default: it is answered with status 431.
   */
  oversized?(stream: Http2Stream, headers: HeaderList, ended: boolean): void;
  /** A stream on which `data` said to wait can take more. */
  writable?(stream: Http2Stream): void;
  /** A client may open streams again, after `canOpen` was false. */
  available?(): void;
  /** The peer's SETTINGS were applied. */
  settings?(settings: Settings): void;
  /** The peer has answered a `ping`; the 8 octets are valid during the call only. */
  pong?(opaque: Uint8Array): void;
  /** The peer has sent a PING, which was answered. */
  pinged?(): void;
  /** The peer will take, or begin, no streams above `lastStreamId`; `debug` is valid during the call only. */
  goaway?(lastStreamId: number, code: number, debug: Uint8Array): void;
  /** No stream is open any more, until the next one is. */
  quiet?(): void;
  /** `shutdown` was called and the last stream is over: the connection can be closed. */
  drained?(): void;
  /**
   * The connection is over by `error`, or by `close` if there is none. GOAWAY was written: send it, then close the
   * connection under it. Comes once, after the resets of all streams; not after `lost`.
   */
  closed(error?: Http2Error): void;
}
