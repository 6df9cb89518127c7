/**
 * Instances from a file of JSON that is watched: `{ "echo": ["10.0.0.1:8888", { "address": "10.0.0.2:8888", "weight": 5 }] }`.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import type { Files } from "../platform.ts";
import { follow } from "./follow.ts";
import { createInstance, havingTags, type Instance } from "./instance.ts";
import type { Resolver } from "./resolver.ts";

/** Options of `fileResolver`. */
export interface FileResolverOptions {
  /** The file. */
  readonly path: string;
  /** How files are read and watched: the runtime's `Platform.files`. */
  readonly files: Pick<Files, "readText" | "watch">;
  /** Told of every failure, of one that lasts once. The list before it stays. Default: nobody. */
  readonly onError?: ((error: RpcError) => void) | undefined;
  /** Gives numbers from 0 up to but not including 1, for waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** Follows the list of a service in a file. A file that makes no sense is refused whole, and the list before it stays. */
export function fileResolver(options: FileResolverOptions): Resolver {
  const { path, files, onError, random = Math.random } = options;
  return {
    name: "file",
    resolve({ name, tags }, sink, clock) {
      const wanted = havingTags(tags);
      let open = true;
      let told: string | undefined;
      const failed = (error: RpcError): void => {
        if (!open) return;
        sink.failed(error);
        // One change of a file may be reported more than once, and it is read again after each failure.
        if (error.message === told) return;
        told = error.message;
        onError?.(error);
      };
      /** Rejects where there is no content; one that makes no sense stays watched. */
      async function read(): Promise<void> {
        const text = await files.readText(path);
        let list: Instance[];
        try {
          list = instancesIn(text, name, path);
        } catch (error) {
          return failed(RpcError.from(error));
        }
        told = undefined;
        if (open) sink.update(list.filter(wanted));
      }
      const stop = follow({
        clock,
        random,
        failed,
        async run(signal, good) {
          const changes = files.watch([path], signal)[Symbol.asyncIterator]();
          try {
            // Asked before the file is read, so that no change falls between.
            let change = changes.next();
            change.catch(() => {}); // heard below
            await read();
            good();
            while (!(await change).done && !signal.aborted) {
              change = changes.next();
              change.catch(() => {});
              await read().catch((error) => failed(RpcError.from(error)));
            }
          } finally {
            await changes.return?.();
          }
        },
      });
      return {
        refresh: () => {},
        close() {
          open = false;
          stop();
        },
      };
    },
  };
}

function instancesIn(text: string, name: string, path: string): Instance[] {
  let services: unknown;
  try {
    services = JSON.parse(text);
  } catch (error) {
    throw new RpcError("invalid", `${path} is no JSON: ${RpcError.from(error).message}`, { cause: error });
  }
  if (typeof services !== "object" || services === null || Array.isArray(services)) {
    throw new RpcError("invalid", `${path} is no object of services`);
  }
  const list = Object.hasOwn(services, name) ? (services as Record<string, unknown>)[name] : [];
  if (!Array.isArray(list)) throw new RpcError("invalid", `${path}: ${name} is no list`);
  return list.map((each, i) => {
    try {
      return instanceOf(each);
    } catch (error) {
      throw new RpcError("invalid", `${path}: ${name}[${i}]: ${RpcError.from(error).message}`, { cause: error });
    }
  });
}

function instanceOf(given: unknown): Instance {
  if (typeof given === "string") return createInstance({ address: given });
  const { address, weight, tags } = (given ?? {}) as Record<string, unknown>;
  if (typeof address !== "string") throw new RpcError("invalid", "there is no address");
  if (weight !== undefined && typeof weight !== "number") throw new RpcError("invalid", "weight is no number");
  const pairs = Object.entries(tags ?? {});
  const odd = pairs.find((pair) => typeof pair[1] !== "string");
  if (odd !== undefined) throw new RpcError("invalid", `tag ${odd[0]} is no text`);
  return createInstance({ address, weight, tags: Object.fromEntries(pairs) as Record<string, string> });
}
