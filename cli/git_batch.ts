/**
 * Asks `git cat-file --batch` for objects: a line with a name there, a line with the kind and the size and the bytes back.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import { joinBytes } from "../lib/io/join_bytes.ts";
import type { Child } from "../lib/platform.ts";

/** The content of an object. */
export interface GitObject {
  /** What it is. */
  readonly kind: string;
  /** Its bytes, yours. */
  readonly bytes: Uint8Array;
}

/** Speaks with the process. */
export class GitBatch {
  readonly #child: Child;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);
  #last: Promise<unknown> = Promise.resolve();

  /** Takes over a process. */
  constructor(child: Child) {
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#output = child.stdout.getReader();
  }

  /** The object of a name, which has no line end in it; `null` if there is none. May be called before the last one is there. */
  ask(name: string): Promise<GitObject | null> {
    // one answer after the other: they come in the order of the questions
    const answer = this.#last.then(() => this.#ask(name));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** Ends the process when all is answered. */
  async close(): Promise<void> {
    await this.#last;
    this.#child.kill();
    await this.#child.exited;
  }

  async #ask(name: string): Promise<GitObject | null> {
    await this.#input.write(new TextEncoder().encode(`${name}\n`));
    const head = new TextDecoder().decode(await this.#line());
    const [, kind, size] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(head) ?? [];
    if (kind === undefined) return null;
    return { kind, bytes: (await this.#take(Number(size) + 1)).subarray(0, -1) };
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
