/**
 * The last good lists on disk, so that clients find servers also when they start while the registry is away.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { Files } from "../platform.ts";
import { createInstance, type Instance } from "./instance.ts";
import { fieldOf, textsOf } from "./json_fields.ts";
import type { Resolver, ResolveTarget } from "./resolver.ts";

/** Options of `snapshot`. */
export interface SnapshotOptions {
  /** The folder, one file a target; made when it is missing. */
  readonly folder: string;
  /** How files are read and written: the runtime's `Platform.files`. */
  readonly files: Pick<Files, "readText" | "write" | "stat" | "makeDir">;
  /** Told of files that cannot be read or written; nothing else comes of that. Default: nobody. */
  readonly onError?: ((error: RpcError) => void) | undefined;
}

/**
 * Writes every list that `resolver` finds to disk, and gives the one written before when `resolver` fails before it found any. An
 * empty list is not written.
 */
export function snapshot(resolver: Resolver, options: SnapshotOptions): Resolver {
  const { folder, files, onError } = options;
  return {
    name: resolver.name,
    resolve(target, sink, clock) {
      const path = `${folder}/${fileOf(resolver.name, target)}`;
      let fresh = false;
      let open = true;
      /** What is still to be written, while a write runs. */
      let due: readonly Instance[] | undefined;
      let writing = false;

      async function write(): Promise<void> {
        writing = true;
        try {
          for (let list = due; list !== undefined; list = due) {
            due = undefined;
            await files.makeDir(folder);
            await files.write(path, JSON.stringify(list.map(({ endpoint: _, ...known }) => known)) + "\n");
          }
        } catch (error) {
          onError?.(RpcError.from(error, "invalid"));
        }
        writing = false;
      }

      async function recall(): Promise<void> {
        try {
          if (await files.stat(path) === null) return;
          const list = instancesIn(await files.readText(path), path);
          if (open && !fresh) sink.update(list);
        } catch (error) {
          onError?.(RpcError.from(error, "invalid"));
        }
      }

      let recalled: Promise<void> | undefined;
      const inner = resolver.resolve(target, {
        update(instances) {
          fresh = true;
          sink.update(instances);
          if (instances.length === 0) return;
          due = instances;
          if (!writing) void write();
        },
        failed(error) {
          if (fresh) return sink.failed(error);
          // The list on disk first, so that calls that wait for one are not failed.
          recalled ??= recall();
          void recalled.then(() => {
            if (open) sink.failed(error);
          });
        },
      }, clock);
      return {
        refresh: () => inner.refresh(),
        close() {
          open = false;
          inner.close();
        },
      };
    },
  };
}

function fileOf(resolver: string, { name, tags }: ResolveTarget): string {
  const pairs = Object.entries(tags).sort(([a], [b]) => a < b ? -1 : 1);
  const text = [resolver, name, ...pairs.map(([key, value]) => `${key}=${value}`)].join(",");
  return `${encodeURIComponent(text)}.json`;
}

function instancesIn(text: string, path: string): Instance[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw new RpcError("invalid", `${path} is no JSON`, { cause: error });
  }
  if (!Array.isArray(list)) throw new RpcError("invalid", `${path} is no list`);
  return list.map((each) => {
    const [address, weight, startedAtMs] = ["address", "weight", "startedAtMs"].map((name) => fieldOf(each, name));
    if (typeof address !== "string") throw new RpcError("invalid", `${path}: there is no address`);
    return createInstance({
      address,
      weight: typeof weight === "number" ? weight : undefined,
      tags: textsOf(fieldOf(each, "tags")),
      startedAtMs: typeof startedAtMs === "number" ? startedAtMs : undefined,
    });
  });
}
