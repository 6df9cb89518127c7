/**
 * What the sessions of a gRPC protocol share.
 *
 * @module
 */
import type { LinkOptions } from "../http2/link.ts";
import type { Bindings } from "./bindings.ts";
import type { Compressors } from "./messages.ts";

/** What the sessions of a protocol share. */
export interface GrpcWire {
  readonly bindings: Bindings;
  readonly compressors: Compressors;
  /** How messages are compressed that this side sends, if the other understands it. */
  readonly compression: string | undefined;
  /** Bytes of the largest message taken. */
  readonly maxReceiveBytes: number;
  /** HTTP/2 on servers. */
  readonly server: LinkOptions;
  /** HTTP/2 on clients. */
  readonly client: LinkOptions;
  /** What requests say of this client. */
  readonly userAgent: string;
  /** Field `:authority` of requests, if not the address. */
  readonly authority: string | undefined;
}
