/**
 * How a stream's answer looks: Connect's envelopes, or gRPC-Web's.
 *
 * @module
 */
import type { RpcError } from "../../lib/errors.ts";
import type { HttpFields } from "../../lib/http/message.ts";
import type { Clock } from "../../lib/io/clock.ts";
import type { Metadata } from "../../lib/rpc/metadata.ts";
import { statusFields } from "../grpc/answer.ts";
import { encodeText } from "./base64_stream.ts";
import { END_STREAM, envelope, TRAILERS } from "./envelope.ts";
import { errorJson } from "./error_json.ts";
import { type Pair, responseFields } from "./fields.ts";
import type { Kind } from "./kinds.ts";
import { connectDeadline, grpcDeadline } from "./timeout.ts";

/** One of the ways in which messages stream. */
export interface Format {
  /** The field that says how messages are compressed, in requests and answers. */
  readonly encodingField: string;
  /** The field that lists what a caller can decompress. */
  readonly acceptField: string;
  /** When the call has to be over. Throws a `GrpcError` if that is malformed. */
  deadline(fields: HttpFields, clock: Clock): number;
  /** What follows the last message. Throws if the metadata cannot be sent. */
  end(error: RpcError | undefined, meta: Metadata | undefined): Uint8Array;
  /** Content as it goes on the wire. */
  wrap(bytes: Uint8Array): Uint8Array;
}

const encoder = new TextEncoder();

const CONNECT: Format = {
  encodingField: "connect-content-encoding",
  acceptField: "connect-accept-encoding",
  deadline: connectDeadline,
  end(error, meta) {
    const metadata: Record<string, string[]> = {};
    for (const [name, value] of trailersOf(meta)) (metadata[name] ??= []).push(value);
    const json = {
      ...(error === undefined ? {} : { error: errorJson(error) }),
      ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    };
    return envelope(END_STREAM, encoder.encode(JSON.stringify(json)));
  },
  wrap: (bytes) => bytes,
};

const WEB: Format = {
  encodingField: "grpc-encoding",
  acceptField: "grpc-accept-encoding",
  deadline: grpcDeadline,
  end(error, meta) {
    const status: Iterable<Pair> = error === undefined ? [["grpc-status", "0"]] : statusFields(error);
    let text = "";
    for (const [name, value] of [...status, ...trailersOf(meta)]) text += `${name}: ${value}\r\n`;
    return envelope(TRAILERS, encoder.encode(text));
  },
  wrap: (bytes) => bytes,
};

const TEXT: Format = { ...WEB, wrap: encodeText };

/** The format of a kind of request that streams. */
export function formatOf(dialect: Kind["dialect"]): Format {
  return dialect === "text" ? TEXT : dialect === "web" ? WEB : CONNECT;
}

function trailersOf(meta: Metadata | undefined): Pair[] {
  return meta?.hasTrailers ? responseFields(meta.trailers) : [];
}
