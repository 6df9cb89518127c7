/**
 * Files as they are in a commit, through the program `git`. Paths are relative to the working directory.
 *
 * @module
 */
import { joinPath, normalizePath, relativePath } from "../idl/paths.ts";
import { RpcError } from "../lib/errors.ts";
import { joinBytes } from "../lib/io/join_bytes.ts";
import type { Child, Platform } from "../lib/platform.ts";
import { printable } from "./print_diagnostics.ts";

/** A commit's files. */
export interface GitFiles {
  /** The paths at or below a path, sorted; none if nothing is there. */
  list(path: string): Promise<string[]>;
  /** The text of a file, or `null` if none is there. */
  read(path: string): Promise<string | null>;
  /** Ends the process that reads. */
  close(): Promise<void>;
}

/** Opens a commit. Rejects with an `RpcError` of kind `"invalid"` if there is no git, no repository, or no such commit. */
export async function openGit(platform: Platform, ref: string): Promise<GitFiles> {
  const inside = await runGit(platform, ["rev-parse", "--git-dir"]);
  if (inside.code !== 0) throw new RpcError("invalid", `git: ${printable(inside.stderr.trim())}`);
  const parsed = await runGit(platform, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
  const commit = parsed.stdout.trim();
  if (parsed.code !== 0 || !/^[0-9a-f]{40,64}$/.test(commit)) {
    throw new RpcError("invalid", `git knows no commit ${JSON.stringify(ref)}`);
  }
  const child = await start(platform, ["cat-file", "--batch"]);
  const reader = new BatchReader(child);
  const nameOf = (path: string): string => relativePath(normalizePath(platform.cwd()), joinPath(platform.cwd(), path));
  let last: Promise<unknown> = Promise.resolve();
  return {
    async list(path) {
      const args = ["ls-tree", "-r", "-z", "--name-only", commit, "--", nameOf(path)];
      const { code, stdout, stderr } = await runGit(platform, args);
      if (code !== 0) throw new RpcError("invalid", `git: ${printable(stderr.trim())}`);
      return stdout.split("\0").filter((name) => name !== "").map(normalizePath).sort();
    },
    read(path) {
      const name = nameOf(path);
      // one answer after the other: they come in the order of the questions
      const answer = last.then(() => reader.ask(`${commit}:${name.startsWith("../") ? name : `./${name}`}`));
      last = answer.catch(() => undefined);
      return answer;
    },
    async close() {
      await last;
      child.kill();
      await child.exited;
    },
  };
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

/** Speaks with `git cat-file --batch`: a line with a name there, a line with the size and the bytes back. */
class BatchReader {
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(child: Child) {
    this.#input = child.stdin.getWriter();
    this.#output = child.stdout.getReader();
  }

  async ask(name: string): Promise<string | null> {
    if (/[\r\n]/.test(name)) return null;
    await this.#input.write(new TextEncoder().encode(`${name}\n`));
    const head = new TextDecoder().decode(await this.#line());
    const [, kind, size] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(head) ?? [];
    if (size === undefined) return null;
    const content = (await this.#take(Number(size) + 1)).subarray(0, -1);
    return kind === "blob" ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(content) : null;
  }

  async #line(): Promise<Uint8Array> {
    for (let from = 0;;) {
      const end = this.#rest.indexOf(10, from);
      if (end >= 0) return (await this.#take(end + 1)).subarray(0, -1);
      from = this.#rest.length;
      await this.#more();
    }
  }

  async #take(length: number): Promise<Uint8Array> {
    if (this.#rest.length < length) await this.#more(length);
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  /** Reads until there are `length` bytes, or one chunk more. */
  async #more(length = this.#rest.length + 1): Promise<void> {
    const parts = [this.#rest];
    let size = this.#rest.length;
    while (size < length) {
      const { value } = await this.#output.read();
      if (value === undefined) throw new RpcError("invalid", "git ended in the middle of an answer");
      parts.push(value);
      size += value.length;
    }
    this.#rest = joinBytes(parts, size);
  }
}
