/**
 * Metadata of calls as header fields, both ways.
 *
 * gRPC's own metadata are `headers` (with the call), `backward` (with the answer's headers) and `trailers`. Names that end
 * with `-bin` have base64 values; several values of a name are one, joined by commas. Kitex's metainfo travels under names
 * with a prefix: `abc-def` there is `ABC_DEF` here.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Metadata } from "../../lib/rpc/metadata.ts";
import type { HeaderList } from "../http2/header_list.ts";
import { GrpcError, GrpcStatus } from "./status.ts";

const TRANSIENT = "rpc-transit-";
const PERSISTENT = "rpc-persist-";
const BACKWARD = "rpc-backward-";

/** Fields that belong to gRPC or Kitex and are nobody's metadata. */
const RESERVED: ReadonlySet<string> = new Set([
  "content-type",
  "te",
  "grpc-message-type",
  "grpc-encoding",
  "grpc-accept-encoding",
  "grpc-message",
  "grpc-status",
  "grpc-timeout",
  "grpc-status-details-bin",
  "biz-status",
  "biz-extra",
  "content-length",
]);
const NAME = /^[0-9a-z_.-]+$/;
const ASCII = /^[\x20-\x7e]*$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Does a field carry metadata? */
export function isMetadata(name: string): boolean {
  return !name.startsWith(":") && !RESERVED.has(name);
}

/** Has a list of fields any metadata? */
export function hasMetadata(list: HeaderList): boolean {
  const { fields } = list;
  for (let i = 0; i < fields.length; i += 2) if (isMetadata(fields[i]!)) return true;
  return false;
}

/** Takes a call's metadata from the fields of its request. */
export function readRequestMetadata(list: HeaderList, meta: Metadata): void {
  readFields(list, (name, value) => {
    if (name.startsWith(TRANSIENT)) addPair(meta.transient, name.slice(TRANSIENT.length), value);
    else if (name.startsWith(PERSISTENT)) addPair(meta.persistent, name.slice(PERSISTENT.length), value);
    else append(meta.headers, name, value);
  });
}

/** Takes an answer's metadata from its headers or trailers: `into` is `meta.backward` or `meta.trailers`. */
export function readResponseMetadata(list: HeaderList, into: Map<string, string>): void {
  readFields(list, (name, value) => {
    if (name.startsWith(BACKWARD)) addPair(into, name.slice(BACKWARD.length), value);
    else append(into, name, value);
  });
}

/** Adds a call's metadata to the fields of its request. Throws an `RpcError` of kind `"invalid"` for what cannot be sent. */
export function writeRequestMetadata(list: HeaderList, meta: Metadata): void {
  if (meta.hasForward) {
    for (const [key, value] of meta.transient) writePair(list, TRANSIENT, key, value);
    for (const [key, value] of meta.persistent) writePair(list, PERSISTENT, key, value);
  }
  if (meta.hasHeaders) { for (const [name, value] of meta.headers) writeField(list, name, value); }
}

/** Adds an answer's metadata to its headers or trailers. Throws an `RpcError` of kind `"invalid"` for what cannot be sent. */
export function writeResponseMetadata(list: HeaderList, pairs: ReadonlyMap<string, string>): void {
  for (const [name, value] of pairs) {
    // What a header cannot be named is a metainfo key, as another protocol would carry it.
    if (NAME.test(name)) writeField(list, name, value);
    else writePair(list, BACKWARD, name, value);
  }
}

/** The error of metadata that make a header list larger than its receiver takes. `what` they are of. */
export function tooManyFields(what: string, list: HeaderList, more: HeaderList | undefined, most: number): GrpcError {
  const octets = list.octets + (more?.octets ?? 0);
  const text = `the header list of the ${what} has ${octets} octets, and the other side takes ${most}`;
  return new GrpcError(GrpcStatus.RESOURCE_EXHAUSTED, text);
}

/** Bytes as the value of a field whose name ends with `-bin`. */
export function encodeBinary(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replace(/=+$/, "");
}

/** The bytes of a field whose name ends with `-bin`: one of its values. Throws an `RpcError` of kind `"protocol"`. */
export function decodeBinary(value: string): Uint8Array {
  try {
    if (!BASE64.test(value)) throw new RpcError("protocol", "not an alphabet of base64");
    return Uint8Array.from(atob(value), (char) => char.charCodeAt(0));
  } catch (cause) {
    throw new RpcError("protocol", `${JSON.stringify(value.slice(0, 40))} is no base64`, { cause });
  }
}

function readFields(list: HeaderList, take: (name: string, value: string) => void): void {
  const { fields } = list;
  for (let i = 0; i < fields.length; i += 2) if (isMetadata(fields[i]!)) take(fields[i]!, fields[i + 1]!);
}

function append(pairs: Map<string, string>, name: string, value: string): void {
  const before = pairs.get(name);
  pairs.set(name, before === undefined ? value : `${before},${value}`);
}

function addPair(pairs: Map<string, string>, name: string, value: string): void {
  if (name !== "" && value !== "") pairs.set(name.replaceAll("-", "_").toUpperCase(), value);
}

function writePair(list: HeaderList, prefix: string, key: string, value: string): void {
  // Kitex passes over pairs with an empty side, too.
  if (key === "" || value === "") return;
  writeField(list, prefix + key.replaceAll("_", "-").toLowerCase(), value);
}

function writeField(list: HeaderList, name: string, value: string): void {
  const refuse = (why: string): RpcError => new RpcError("invalid", `metadata ${JSON.stringify(name)} ${why}`);
  if (!NAME.test(name)) throw refuse("is no name: lower-case letters, digits and -_. are");
  if (!isMetadata(name)) throw refuse("is gRPC's own");
  if (!ASCII.test(value)) throw refuse("has other characters than printable ASCII: use a name that ends with -bin");
  if (name.endsWith("-bin") && !value.split(",").every((part) => BASE64.test(part.trim()))) {
    throw refuse("is no base64");
  }
  list.add(name, value.trim());
}
