/**
 * What the string pairs of a stream's frames say: the service, metadata, a business status.
 *
 * @module
 */
import { RpcError } from "../../../lib/errors.ts";
import type { Call } from "../../../lib/rpc/call.ts";
import { Metadata } from "../../../lib/rpc/metadata.ts";
import { MetaPrefix, StrKey } from "../keys.ts";
import { StreamErrorType } from "./stream_error.ts";

/** A message can be as long as a handler makes it, and a pair no longer than 64 KiB: a status is worth more than all of its words. */
const MAX_MESSAGE_CHARS = 8_192;

/** The pairs that open a stream: the service's name and the call's metadata. Empty keys and values are left out. */
export function openingStrings({ service, meta }: Call): Map<string, string> {
  const strings = new Map([[StrKey.IDL_SERVICE_NAME as string, service.name]]);
  const add = (prefix: string, pairs: ReadonlyMap<string, string>): void => {
    for (const [key, value] of pairs) if (key !== "" && value !== "") strings.set(prefix + key, value);
  };
  add(MetaPrefix.TRANSIENT, meta.transient);
  add(MetaPrefix.PERSISTENT, meta.persistent);
  return strings;
}

/** The metadata among the pairs that opened a stream. */
export function metadataOf(strings: ReadonlyMap<string, string>): Metadata {
  const meta = new Metadata();
  for (const [key, value] of strings) {
    if (value === "") continue;
    for (const prefix of Object.values(MetaPrefix)) {
      if (!key.startsWith(prefix)) continue;
      const name = key.slice(prefix.length);
      if (name !== "") (prefix === MetaPrefix.PERSISTENT ? meta.persistent : meta.transient).set(name, value);
      break;
    }
  }
  return meta;
}

/** The pairs that a business status adds to the last ones of a stream. */
export function withStatus(trailers: ReadonlyMap<string, string>, status: RpcError): Map<string, string> {
  const strings = new Map(trailers);
  strings.set(StrKey.BIZ_STATUS, `${status.code ?? 0}`);
  const { message } = status;
  const fits = message.length <= MAX_MESSAGE_CHARS;
  strings.set(StrKey.BIZ_MESSAGE, fits ? message : `${message.slice(0, MAX_MESSAGE_CHARS)}...`);
  if (status.extra !== undefined) strings.set(StrKey.BIZ_EXTRA, JSON.stringify(status.extra));
  return strings;
}

/** The business status among the last pairs of a stream, an error of kind `"protocol"` if it cannot be read, or nothing. */
export function statusOf(trailers: ReadonlyMap<string, string>): RpcError | undefined {
  const text = trailers.get(StrKey.BIZ_STATUS);
  if (text === undefined) return undefined;
  if (!/^-?\d{1,10}$/.test(text)) return illegal(`code ${JSON.stringify(text.slice(0, 40))} is no number`);
  const code = Number(text);
  if (code === 0) return undefined;
  const json = trailers.get(StrKey.BIZ_EXTRA);
  let extra: Record<string, string> | undefined;
  if (json !== undefined && json !== "") {
    extra = stringsOf(json);
    if (extra === undefined) return illegal("extra is no JSON object of strings");
  }
  return new RpcError("business", trailers.get(StrKey.BIZ_MESSAGE) ?? "", { code, extra, remote: true });
}

function stringsOf(json: string): Record<string, string> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value);
    return entries.every(([, text]) => typeof text === "string") ? Object.fromEntries(entries) : undefined;
  } catch {
    return undefined; // not even JSON
  }
}

function illegal(what: string): RpcError {
  return new RpcError("protocol", `business status whose ${what}`, { code: StreamErrorType.ILLEGAL_BIZ_ERROR });
}
