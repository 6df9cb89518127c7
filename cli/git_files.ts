/**
 * Files as they are in a commit, through the program `git`. Paths are relative to the working directory; symbolic links are
 * followed within the commit, as they are on disk.
 *
 * @module
 */
import { below, isAbsolutePath, joinPath, normalizePath } from "../idl/paths.ts";
import { RpcError } from "../lib/errors.ts";
import type { Child, DirEntry, Files, Platform } from "../lib/platform.ts";
import { GitBatch, type GitObject } from "./git_batch.ts";
import { printable } from "./print_diagnostics.ts";

/** A commit's files. */
export interface GitFiles extends Pick<Files, "list" | "realPath"> {
  /** Is a path in the repository, whether something is there or not? */
  holds(path: string): boolean;
  /** What is at a path, or `null`. Rejects with an `RpcError` of kind `"invalid"` if the path is outside of the repository. */
  stat(path: string): Promise<{ readonly kind: DirEntry["kind"] } | null>;
  /** The text of a file, or `null` if none is there. */
  read(path: string): Promise<string | null>;
  /** Ends the process that reads. */
  close(): Promise<void>;
}

/** Opens a commit. Rejects with an `RpcError` of kind `"invalid"` if there is no git, no repository, or no such commit. */
export async function openGit(platform: Platform, ref: string): Promise<GitFiles> {
  const inside = await runGit(platform, ["rev-parse", "--show-prefix"]);
  if (inside.code !== 0) throw new RpcError("invalid", `git: ${printable(inside.stderr.trim())}`);
  const commit = await commitOf(platform, ref);
  if (commit === undefined) {
    throw new RpcError("invalid", `git knows no commit ${JSON.stringify(ref)}${await whyNone(platform, ref)}`);
  }
  const cwd = normalizePath(platform.cwd());
  const depth = inside.stdout.trim().split("/").length - 1;
  const batch = new GitBatch(await start(platform, ["cat-file", "--batch"]));
  const tree = new CommitTree(batch, commit);
  const locate = (path: string): string | undefined => {
    const top = joinPath(cwd, "../".repeat(depth));
    const whole = joinPath(cwd, path);
    return whole === top ? "" : below(top, whole);
  };
  const find = async (path: string): Promise<Found | undefined> => {
    const located = locate(path);
    return located === undefined ? undefined : await tree.find(located);
  };
  return {
    holds: (path) => locate(path) !== undefined,
    async stat(path) {
      if (locate(path) === undefined) throw new RpcError("invalid", `${path} is outside of the repository`);
      const found = await find(path);
      return found === undefined ? null : { kind: kindOf(found) };
    },
    async list(path) {
      const found = await find(path);
      if (found === undefined) return [];
      const names = [...(await tree.entries(found)).keys()].sort();
      return await Promise.all(names.map(async (name): Promise<DirEntry> => {
        const entry = await tree.find(`${found.path}/${name}`);
        return { name, kind: entry === undefined ? "other" : kindOf(entry) };
      }));
    },
    realPath: async (path) => `/${(await find(path))?.path ?? path}`,
    async read(path) {
      const found = await find(path);
      if (found === undefined || kindOf(found) !== "file") return null;
      const bytes = (await batch.ask(found.id))?.bytes;
      return bytes === undefined ? null : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    },
    close: () => batch.close(),
  };
}

/** An entry of a folder, as git keeps it. */
interface Entry {
  readonly mode: string;
  readonly id: string;
}

/** What is at a path, links followed: `path` is from the top of the repository, without links. */
interface Found extends Entry {
  readonly path: string;
}

const FOLDER_MODE = "40000";
const LINK_MODE = "120000";
/** What a submodule is: a commit of another repository. */
const COMMIT_MODE = "160000";
/** More links than this on one way lead round in circles. */
const MAX_LINKS = 40;

function kindOf({ mode }: Entry): DirEntry["kind"] {
  return mode === FOLDER_MODE ? "directory" : mode === COMMIT_MODE ? "other" : "file";
}

/** The folders of a commit, each read once. */
class CommitTree {
  readonly #batch: GitBatch;
  readonly #root: Found;
  readonly #idBytes: number;
  readonly #folders = new Map<string, Promise<ReadonlyMap<string, Entry>>>();

  constructor(batch: GitBatch, commit: string) {
    this.#batch = batch;
    this.#root = { path: "", mode: FOLDER_MODE, id: `${commit}^{tree}` };
    this.#idBytes = commit.length / 2;
  }

  /** What is at a path from the top of the repository; `undefined` if nothing is, or a link leads out of the repository. */
  async find(path: string): Promise<Found | undefined> {
    const way = [this.#root];
    const names = path.split("/").reverse();
    let links = 0;
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const at = way.at(-1);
      if (at === undefined) return undefined;
      if (name === "" || name === ".") continue;
      if (name === "..") {
        way.pop();
        continue;
      }
      const entry = (await this.entries(at)).get(name);
      if (entry === undefined) return undefined;
      if (entry.mode !== LINK_MODE) {
        way.push({ ...entry, path: at.path === "" ? name : `${at.path}/${name}` });
        continue;
      }
      const target = new TextDecoder().decode((await this.#batch.ask(entry.id))?.bytes);
      if (++links > MAX_LINKS || isAbsolutePath(target)) return undefined;
      names.push(...target.split("/").reverse());
    }
    return way.at(-1);
  }

  /** The entries of a folder by name; none of anything else. */
  entries({ mode, id }: Entry): Promise<ReadonlyMap<string, Entry>> {
    let entries = this.#folders.get(id);
    if (entries === undefined) {
      entries = mode === FOLDER_MODE
        ? this.#batch.ask(id).then((object) => parseFolder(object, this.#idBytes))
        : Promise.resolve(new Map());
      this.#folders.set(id, entries);
    }
    return entries;
  }
}

/** Entries are `mode name`, a zero byte, and the id as bytes. */
function parseFolder(object: GitObject | null, idBytes: number): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  if (object?.kind !== "tree") return entries;
  const { bytes } = object;
  for (let at = 0; at < bytes.length;) {
    const zero = bytes.indexOf(0, at);
    const [mode = "", name = ""] = new TextDecoder().decode(bytes.subarray(at, zero)).split(/ (.*)/s);
    at = zero + 1 + idBytes;
    const id = Array.from(bytes.subarray(zero + 1, at), (byte) => byte.toString(16).padStart(2, "0")).join("");
    entries.set(name, { mode, id });
  }
  return entries;
}

/** The id of a commit; `undefined` if there is none. */
async function commitOf(platform: Platform, ref: string): Promise<string | undefined> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`];
  const { code, stdout } = await runGit(platform, args);
  const commit = stdout.trim();
  return code === 0 && /^[0-9a-f]{40,64}$/.test(commit) ? commit : undefined;
}

/** Why a commit may be missing that others have, and what to do. */
async function whyNone(platform: Platform, ref: string): Promise<string> {
  if (await commitOf(platform, `origin/${ref}`) !== undefined) return `, did you mean origin/${ref}?`;
  const { stdout } = await runGit(platform, ["rev-parse", "--is-shallow-repository"]);
  return stdout.trim() === "true" ? ": this clone is shallow, git fetch --unshallow --tags gets the rest" : "";
}

interface GitOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runGit(platform: Platform, args: readonly string[]): Promise<GitOutcome> {
  const child = await start(platform, args);
  const [{ code }, stdout, stderr] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.stdin.close(),
  ]);
  return { code, stdout, stderr };
}

async function start(platform: Platform, args: readonly string[]): Promise<Child> {
  try {
    return await platform.spawn("git", args, { env: { LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" } });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RpcError("invalid", `a git version needs the program git: ${why}`, { cause });
  }
}
