/**
 * What a sniffer has found: one frame, or bytes that are none.
 *
 * @module
 */

/** Which way bytes went. */
export type Direction = "client" | "server";

/** One frame, message, or stretch of bytes. */
export interface Sniffed {
  /** What it was taken for: `"ttheader"`, `"thrift framed"`, `"http2"`, `"unknown"` ... */
  readonly protocol: string;
  /** The essence in a few words. */
  readonly summary: string;
  /** Where it begins, counted over all bytes of its direction. */
  readonly offset: number;
  /** How many bytes it has. */
  readonly bytes: number;
  /** Its parts, as values of JSON. */
  readonly details: Readonly<Record<string, unknown>>;
  /** What is wrong with it, and where. */
  readonly error?: string;
  /** The bytes themselves where nothing better can be shown, cut to what is worth showing. */
  readonly dump?: Uint8Array;
}
