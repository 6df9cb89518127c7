/**
 * What a content type says of a request: which protocol, in which form.
 *
 * @module
 */
import type { CodecName } from "./codec.ts";

/** How a request goes about its messages. */
export interface Kind {
  /** Connect with one message as the whole content, Connect with envelopes, gRPC-Web, or that in base64. */
  readonly dialect: "unary" | "stream" | "web" | "text";
  /** Form of the messages. */
  readonly codec: CodecName;
  /** The content type, also of the answer. */
  readonly contentType: string;
}

const KINDS: ReadonlyMap<string, Kind> = new Map(
  ([
    ["unary", "proto", "application/proto"],
    ["unary", "json", "application/json"],
    ["stream", "proto", "application/connect+proto"],
    ["stream", "json", "application/connect+json"],
    ["web", "proto", "application/grpc-web"],
    ["web", "proto", "application/grpc-web+proto"],
    ["web", "json", "application/grpc-web+json"],
    ["text", "proto", "application/grpc-web-text"],
    ["text", "proto", "application/grpc-web-text+proto"],
  ] as const).map(([dialect, codec, contentType]) => [contentType, { dialect, codec, contentType }]),
);

/** All content types, as `accept-post` lists them. */
export const CONTENT_TYPES: string = [...KINDS.keys()].join(", ");

/** What a content type says; `undefined` for those that are none of ours. */
export function kindOf(contentType: string): Kind | undefined {
  const [type = "", ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  // JSON is UTF-8, whether that is said or not; nothing else is served.
  if (parameters.some((parameter) => parameter !== "" && !/^charset="?utf-8"?$/.test(parameter))) return undefined;
  return KINDS.get(type);
}
