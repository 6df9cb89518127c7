/**
 * Metadata of calls as fields of HTTP.
 *
 * @module
 */
import type { HttpFields } from "../../lib/http/message.ts";
import { Metadata } from "../../lib/rpc/metadata.ts";
import {
  isMetadata,
  readRequestMetadata,
  readResponseMetadata,
  writeRequestMetadata,
  writeResponseMetadata,
} from "../grpc/metadata.ts";
import { HeaderList } from "../http2/header_list.ts";

/** Name and value of a field. */
export type Pair = readonly [string, string];

/** Fields that belong to HTTP or the protocol and are nobody's metadata. */
const OWN = new Set([
  "accept",
  "accept-encoding",
  "access-control-request-headers",
  "access-control-request-method",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "date",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "vary",
  "x-grpc-web",
]);

/** Does a field carry metadata? */
export function isCallMetadata(name: string): boolean {
  return isMetadata(name) && !OWN.has(name) && !name.startsWith("connect-") && !name.startsWith("grpc-") &&
    !name.startsWith("access-control-");
}

/** The metadata of a request. */
export function requestMetadata(fields: HttpFields): Metadata {
  const meta = new Metadata();
  readRequestMetadata(listOf(fields), meta);
  return meta;
}

/** A call's metadata as fields of its request. Throws an `RpcError` of kind `"invalid"`. */
export function requestFields(meta: Metadata): Pair[] {
  const list = new HeaderList();
  writeRequestMetadata(list, meta);
  return [...list];
}

/** Takes the metadata of an answer: `into` is `meta.backward` or `meta.trailers`. */
export function takeFields(fields: Iterable<Pair>, into: Map<string, string>): void {
  readResponseMetadata(listOf(fields), into);
}

/** An answer's metadata as fields. Throws an `RpcError` of kind `"invalid"`. */
export function responseFields(pairs: ReadonlyMap<string, string>): Pair[] {
  const list = new HeaderList();
  writeResponseMetadata(list, pairs);
  return [...list];
}

function listOf(fields: Iterable<Pair>): HeaderList {
  const list = new HeaderList();
  for (const [name, value] of fields) if (isCallMetadata(name)) list.push(name, value, 0, false);
  return list;
}
