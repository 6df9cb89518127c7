/**
 * What clients and servers do unless they are told otherwise, in one place: most of it is Kitex's.
 *
 * @module
 */

/** Of `createClient`. */
export const CLIENT_DEFAULTS = {
  timeoutMs: 0,
  recvTimeoutMs: 0,
  /** Kitex's 50 ms are too few between data centres. */
  connectTimeoutMs: 1_000,
} as const;

/** Of `createServer`. */
export const SERVER_DEFAULTS = {
  idleTimeoutMs: 600_000,
  readTimeoutMs: 5_000,
  writeTimeoutMs: 5_000,
  exitWaitMs: 5_000,
  maxConcurrentCalls: 1_000,
  maxConnections: 0,
} as const;

/** Of the pool `"long"`. */
export const LONG_POOL_DEFAULTS = {
  maxIdlePerAddress: 10,
  maxIdleGlobal: 100,
  maxIdleTimeoutMs: 60_000,
  minIdlePerAddress: 0,
} as const;

/** Of the pool `"mux"`. */
export const MUX_POOL_DEFAULTS = { connections: 1, maxIdleTimeoutMs: 60_000 } as const;

/** Of the pool `"channel"`: gRPC's. */
export const CHANNEL_POOL_DEFAULTS = { idleTimeoutMs: 1_800_000 } as const;
