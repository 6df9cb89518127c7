/**
 * Configuration from one JSON file that is watched, in the shape of Kitex's `config-file`: an object for each `"Client/Server"`
 * with `retry`, `timeout`, `circuitbreaker` and `degradation`, and one for each `"Server"` with `limit`.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { Files } from "../platform.ts";
import { isRecord } from "./reading.ts";
import type { ConfigCategory, ConfigKey, ConfigSink, ConfigSource } from "./source.ts";

/** What the categories are called in the file (Kitex's names, which are not those of its other sources). */
const NAMES: Readonly<Record<ConfigCategory, string>> = {
  retry: "retry",
  rpc_timeout: "timeout",
  circuit_break: "circuitbreaker",
  degradation: "degradation",
  limit: "limit",
};

/** Options of `fileConfig`. */
export interface FileConfigOptions {
  /** The file. */
  readonly path: string;
  /** Reads and watches it: the `files` of a platform. */
  readonly files: Pick<Files, "readText" | "watch">;
}

/** One who follows a key. */
interface Follower {
  readonly key: ConfigKey;
  readonly sink: ConfigSink;
  /** What was told last, as text; `undefined` before. */
  told: string | undefined;
  /** The failure that was told last; `undefined` if the file was read since. */
  failure: string | undefined;
}

/**
 * Follows a file. It is read when somebody follows a key, and again at each change; a file that cannot be read or is no JSON changes
 * nothing and is told as such, once as long as it stays so. It is watched as long as somebody follows a key.
 */
export function fileConfig({ path, files }: FileConfigOptions): ConfigSource {
  const followers = new Set<Follower>();
  let watching: AbortController | undefined;
  let reading = false;
  let stale = false;

  return { name: "file", follow };

  function follow(key: ConfigKey, sink: ConfigSink): () => void {
    const follower: Follower = { key, sink, told: undefined, failure: undefined };
    followers.add(follower);
    if (watching === undefined) {
      watching = new AbortController();
      void watch(watching.signal);
    }
    read();
    return () => {
      followers.delete(follower);
      if (followers.size > 0) return;
      watching?.abort();
      watching = undefined;
    };
  }

  /** Its folder is watched: who saves a file often puts a new one in its place. */
  async function watch(signal: AbortSignal): Promise<void> {
    const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) || "/" : ".";
    try {
      for await (const _ of files.watch([folder], signal)) read();
    } catch (error) {
      if (!signal.aborted) tellFailed(RpcError.from(error, "invalid"));
    }
  }

  /** Reads once more if a change came while it was read: what was read may be the older half. */
  function read(): void {
    stale = reading;
    if (reading) return;
    reading = true;
    files.readText(path).then((text) => tell(JSON.parse(text))).catch((error) => {
      const why = error instanceof RpcError ? error.message : `${path} is no JSON: ${RpcError.from(error).message}`;
      tellFailed(new RpcError("invalid", why, { cause: error }));
    }).finally(() => {
      reading = false;
      if (stale) read();
    });
  }

  function tell(document: unknown): void {
    if (!isRecord(document)) throw new RpcError("invalid", `${path} is no JSON object`);
    for (const follower of [...followers]) {
      const { client, server, category } = follower.key;
      const own = document[client === undefined ? server : `${client}/${server}`];
      const value = isRecord(own) ? own[NAMES[category]] : undefined;
      const text = JSON.stringify(value) ?? "";
      follower.failure = undefined;
      if (text === follower.told) continue;
      follower.told = text;
      follower.sink.update(value);
    }
  }

  function tellFailed(error: RpcError): void {
    for (const follower of [...followers]) {
      // One change may be reported more than once, and who follows another key has the file read again.
      if (follower.failure === error.message) continue;
      follower.failure = error.message;
      follower.sink.failed(error);
    }
  }
}
