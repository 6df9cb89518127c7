/**
 * What all requests to a server share.
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
