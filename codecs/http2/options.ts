/**
 * Settings of an HTTP/2 connection, with defaults for a side that is open to strangers.
 *
 * @module
 */
import { DEFAULT_FRAME_BYTES } from "./frame.ts";

/** Settings of a connection. All are optional. */
export interface Http2Options {
  /** Server: how many streams a client may have open at once, those whose handler still runs included. Default 100. */
  readonly maxConcurrentStreams?: number;
  /** Client: how many streams it opens before the server has said how many it takes. Default 100. */
  readonly initialMaxStreams?: number;
  /** Largest header list taken, as RFC 9113 §6.5.2 counts; four times as many octets on the wire. Default 16 KiB. */
  readonly maxHeaderListBytes?: number;
  /** How many CONTINUATION frames a header block may have. Default 8, or what twice `maxHeaderListBytes` needs. */
  readonly maxContinuations?: number;
  /** HPACK table that the peer may use, in octets. Default 4096. */
  readonly headerTableBytes?: number;
  /** Largest frame taken, 16384 to 16777215. Default 16384. */
  readonly maxFrameBytes?: number;
  /** Receive window of a stream at first. Default 65535. */
  readonly windowBytes?: number;
  /** Receive window of the connection at first, at least 65535. Default 1 MiB. */
  readonly connectionWindowBytes?: number;
  /** How far both windows grow when that makes the connection faster. Default 4 MiB; `windowBytes` or less: never. */
  readonly maxWindowBytes?: number;
  /** Take field values that begin or end with white space, which RFC 9113 calls malformed. Default `false`. */
  readonly spaceAllowed?: boolean;

  /** From so much waiting to be sent on a stream, `data` says to wait. Default 64 KiB. */
  readonly streamBufferBytes?: number;
  /** Above so much pending output nothing more is added to it; the connection's own high-water mark. Default 1 MiB. */
  readonly outputHighWaterBytes?: number;

  /** Server: how many streams may end early, by the peer's reset or its mistakes, at once. Default 1000. */
  readonly resetBurst?: number;
  /** ... and each second from then on. Default 33. */
  readonly resetsPerSecond?: number;
  /** How many frames that move nothing (PING, SETTINGS, PRIORITY, empty DATA ...) may come at once. Default 10000. */
  readonly idleFrameBurst?: number;
  /** ... and each second from then on; useful frames, either way, allow some more. Default 200. */
  readonly idleFramesPerSecond?: number;
  /** How many replies to PING and SETTINGS may wait for a peer that does not read them. Default 1000. */
  readonly maxQueuedReplies?: number;

  /** How long the peer's first SETTINGS may take. Default 10 s. */
  readonly prefaceTimeoutMs?: number;
  /** How long a header block may take. Default 10 s. */
  readonly headersTimeoutMs?: number;
  /** How long SETTINGS may stay without acknowledgement. Default 30 s. */
  readonly settingsTimeoutMs?: number;
  /** How long the peer may let data wait for window without opening it by 1 KiB. Default 5 min. */
  readonly stallTimeoutMs?: number;
  /** How long `shutdown` waits for the peer's answer before it names the last stream. Default 5 s. */
  readonly drainPingTimeoutMs?: number;
}

/** The same with every default filled in. */
export function http2Defaults(options: Http2Options): Required<Http2Options> {
  const windowBytes = options.windowBytes ?? 65535;
  const maxHeaderListBytes = options.maxHeaderListBytes ?? 16 * 1024;
  return {
    maxConcurrentStreams: options.maxConcurrentStreams ?? 100,
    initialMaxStreams: options.initialMaxStreams ?? 100,
    maxHeaderListBytes,
    maxContinuations: options.maxContinuations ?? Math.max(8, Math.ceil(maxHeaderListBytes * 2 / DEFAULT_FRAME_BYTES)),
    headerTableBytes: options.headerTableBytes ?? 4096,
    maxFrameBytes: options.maxFrameBytes ?? 16384,
    windowBytes,
    connectionWindowBytes: Math.max(options.connectionWindowBytes ?? 1024 * 1024, 65535),
    maxWindowBytes: Math.max(options.maxWindowBytes ?? 4 * 1024 * 1024, windowBytes),
    spaceAllowed: options.spaceAllowed ?? false,
    streamBufferBytes: options.streamBufferBytes ?? 64 * 1024,
    outputHighWaterBytes: options.outputHighWaterBytes ?? 1024 * 1024,
    resetBurst: options.resetBurst ?? 1000,
    resetsPerSecond: options.resetsPerSecond ?? 33,
    idleFrameBurst: options.idleFrameBurst ?? 10_000,
    idleFramesPerSecond: options.idleFramesPerSecond ?? 200,
    maxQueuedReplies: options.maxQueuedReplies ?? 1000,
    prefaceTimeoutMs: options.prefaceTimeoutMs ?? 10_000,
    headersTimeoutMs: options.headersTimeoutMs ?? 10_000,
    settingsTimeoutMs: options.settingsTimeoutMs ?? 30_000,
    stallTimeoutMs: options.stallTimeoutMs ?? 300_000,
    drainPingTimeoutMs: options.drainPingTimeoutMs ?? 5000,
  };
}
