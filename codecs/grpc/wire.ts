/**
 * What the sessions of a gRPC protocol share.
 *
 * @module
 */
import type { Compressor } from "../../lib/compressor.ts";
import type { LinkOptions } from "../http2/link.ts";
import type { Bindings } from "./bindings.ts";
import type { Channelz } from "./channelz/recorder.ts";
import type { Forms, GrpcCodec } from "./codecs.ts";

/** What the sessions of a protocol share. */
export interface GrpcWire {
  readonly bindings: Bindings;
  /** The form of a client's messages; `undefined` for gRPC's own. */
  readonly codec: GrpcCodec | undefined;
  /** The forms of messages that a server reads. */
  readonly forms: Forms;
  /** The protocol's own ways to compress; `undefined` if it uses those of the client or server that it is part of. */
  readonly compressors: readonly Compressor[] | undefined;
  /** How messages are compressed that this side sends, if the other understands it. */
  readonly compression: string | undefined;
  /** What a client tells its servers that it reads; `undefined` for nothing. */
  readonly accept: string | undefined;
  /** Bytes of the largest message sent. */
  readonly maxSendBytes: number;
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
  /** Who is told of connections; `undefined` if nobody is. */
  readonly channelz: Channelz | undefined;
}
