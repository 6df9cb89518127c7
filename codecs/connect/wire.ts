/**
 * What all requests of a protocol object share.
 *
 * @module
 */
import type { Compression } from "./compression.ts";

/** What all requests share. */
export interface ConnectWire {
  /** Ways to compress. */
  readonly compression: Compression;
  /** Bytes of the largest message taken, decompressed. */
  readonly maxReceiveBytes: number;
}

/** Shorter messages are sent as they are: compressing them costs more than it saves. */
export const MIN_COMPRESSED_BYTES = 1024;
