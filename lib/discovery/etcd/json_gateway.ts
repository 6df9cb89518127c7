/**
 * etcd v3 through its JSON gateway (`/v3/kv/range` ...), which every etcd since 3.4 serves beside gRPC on its client port.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { HttpJson, type HttpJsonOptions } from "../http_json.ts";
import { fieldOf } from "../json_fields.ts";
import type { EtcdChange, EtcdEntry, EtcdKv } from "./kv.ts";

/** How etcd is reached. */
export interface EtcdOptions extends HttpJsonOptions {
  /** Who this is, where etcd asks for that. Default: nobody. */
  readonly auth?: { readonly user: string; readonly password: string } | undefined;
}

/** Status of a request whose token is missing or too old. */
const UNAUTHORIZED = 401;
/** A watch that says nothing for so long is ended, and all read again: etcd does not say that it is gone when its machine is. */
const SILENT_MS = 60_000;

/** Makes a client of etcd's JSON gateway. Throws an `RpcError` of kind `"invalid"` for endpoints that are no HTTP addresses. */
export function etcdJsonGateway(options: EtcdOptions): EtcdKv {
  const http = new HttpJson(options);
  const { auth } = options;
  let token: string | undefined;

  async function authorization(signal: AbortSignal | undefined): Promise<Record<string, string>> {
    if (auth === undefined) return {};
    if (token === undefined) {
      const body = { name: auth.user, password: auth.password };
      const { value } = await http.ask("/v3/auth/authenticate", { body, signal });
      token = textIn(value, "token");
    }
    return { authorization: token };
  }

  async function ask(path: string, body: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    for (let again = false;; again = true) {
      try {
        return (await http.ask(path, { body, signal, headers: await authorization(signal) })).value;
      } catch (error) {
        const stale = error instanceof RpcError && error.code === UNAUTHORIZED && auth !== undefined;
        token = undefined;
        if (again || !stale) throw error;
      }
    }
  }

  return {
    async range(prefix, signal) {
      const answer = await ask("/v3/kv/range", keysBelow(prefix), signal);
      return { revision: revisionOf(answer), entries: listIn(answer, "kvs").map(entryOf) };
    },
    async put(key, value, lease, signal) {
      const body = { key: toBase64(key), value: toBase64(value), ...(lease === undefined ? {} : { lease }) };
      await ask("/v3/kv/put", body, signal);
    },
    async delete(key, signal) {
      await ask("/v3/kv/deleterange", { key: toBase64(key) }, signal);
    },
    async grant(ttlSeconds, signal) {
      const answer = await ask("/v3/lease/grant", { TTL: String(ttlSeconds) }, signal);
      const granted = Number(textIn(answer, "TTL"));
      if (!(granted >= 1)) throw new RpcError("protocol", `etcd granted a lease of ${granted} s`);
      return { id: textIn(answer, "ID"), ttlSeconds: granted };
    },
    async keepAlive(lease, signal) {
      const answer = await ask("/v3/lease/keepalive", { ID: lease }, signal);
      // A lease that is gone has a TTL of 0, which JSON leaves out.
      return Number(fieldOf(fieldOf(answer, "result"), "TTL") ?? 0) > 0;
    },
    async revoke(lease, signal) {
      try {
        await ask("/v3/lease/revoke", { ID: lease }, signal);
      } catch (error) {
        if (!(error instanceof RpcError && error.code === 404)) throw error;
      }
    },
    async *watch(prefix, fromRevision, signal) {
      const body = { create_request: { ...keysBelow(prefix), start_revision: String(fromRevision) } };
      const request = { body, signal, headers: await authorization(signal), silentMs: SILENT_MS };
      for await (const line of http.lines("/v3/watch", request)) {
        const failed = fieldOf(line, "error");
        if (failed !== undefined) throw new RpcError("unavailable", `etcd ended a watch: ${JSON.stringify(failed)}`);
        const result = fieldOf(line, "result");
        const compacted = fieldOf(result, "compact_revision") ?? 0;
        if (Number(compacted) !== 0) throw new RpcError("unavailable", `etcd has compacted up to ${compacted}`);
        if (fieldOf(result, "canceled") === true) throw new RpcError("unavailable", "etcd ended a watch");
        const changes = listIn(result, "events").map(changeOf);
        if (changes.length > 0) yield changes;
      }
    },
  };
}

/** The key and the end of the range of all keys that begin with `prefix`. */
function keysBelow(prefix: string): { key: string; range_end: string } {
  const end = new TextEncoder().encode(prefix);
  let last = end.length - 1;
  while (last >= 0 && end[last] === 0xff) last--;
  if (last < 0) return { key: toBase64(prefix), range_end: "AA==" };
  end[last]!++;
  return { key: toBase64(prefix), range_end: bytesToBase64(end.subarray(0, last + 1)) };
}

function entryOf(pair: unknown): EtcdEntry {
  return { key: fromBase64(textIn(pair, "key")), value: fromBase64(fieldOf(pair, "value") ?? "") };
}

function changeOf(event: unknown): EtcdChange {
  const { key, value } = entryOf(fieldOf(event, "kv"));
  return { key, value: fieldOf(event, "type") === "DELETE" ? undefined : value };
}

function revisionOf(answer: unknown): bigint {
  const text = textIn(fieldOf(answer, "header"), "revision");
  if (!/^\d{1,19}$/.test(text)) throw new RpcError("protocol", `etcd's revision "${text}" is no number`);
  return BigInt(text);
}

function textIn(value: unknown, name: string): string {
  const field = fieldOf(value, name);
  if (typeof field !== "string") throw new RpcError("protocol", `etcd's answer has no ${name}`);
  return field;
}

function listIn(value: unknown, name: string): unknown[] {
  const field = fieldOf(value, name) ?? [];
  if (!Array.isArray(field)) throw new RpcError("protocol", `${name} of etcd's answer is no list`);
  return field;
}

function toBase64(text: string): string {
  return bytesToBase64(new TextEncoder().encode(text));
}

function bytesToBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function fromBase64(text: unknown): string {
  if (typeof text !== "string") throw new RpcError("protocol", "etcd's answer has a key or value that is no text");
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
  } catch (error) {
    throw new RpcError("protocol", "etcd's answer has a key or value that is no base64", { cause: error });
  }
}
