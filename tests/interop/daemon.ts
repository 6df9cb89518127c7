/**
 * A server of somebody else's, as etcd or Consul, that a check starts, ends without a word, and starts again.
 *
 * @module
 */
import type { Child, Platform } from "../../lib/platform.ts";

/** Longest time until it is ready. */
const READY_MS = 60_000;
const BETWEEN_MS = 50;

/** One that can be started and ended many times. */
export class Daemon {
  readonly #platform: Platform;
  readonly #command: readonly [program: string, ...args: string[]];
  readonly #ready: () => Promise<boolean>;
  #child: Child | undefined;

  /** `ready` says whether it answers as it should; it may reject as long as it does not. */
  constructor(
    platform: Platform,
    command: readonly [program: string, ...args: string[]],
    ready: () => Promise<boolean>,
  ) {
    this.#platform = platform;
    this.#command = command;
    this.#ready = ready;
  }

  /** Starts it; resolves when it is ready. */
  async start(): Promise<void> {
    const [program, ...args] = this.#command;
    const child = this.#child = await this.#platform.spawn(program, args);
    await child.stdin.close();
    let end = "";
    // Read to the end: it would wait for a reader otherwise.
    const keep = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
      const decoder = new TextDecoder();
      for await (const bytes of stream) end = (end + decoder.decode(bytes, { stream: true })).slice(-4_000);
    };
    void Promise.all([keep(child.stdout), keep(child.stderr)]).catch(() => {});
    let over = false;
    void child.exited.then(() => over = true);
    for (const until = Date.now() + READY_MS; !await this.#ready().catch(() => false);) {
      if (over || Date.now() > until) throw new Error(`${program} ${over ? "ended" : "is not ready"}: ${end}`);
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
  }

  /** Ends it at once, without a word to anybody. */
  async kill(): Promise<void> {
    this.#child?.kill(true);
    await this.#child?.exited;
    this.#child = undefined;
  }
}
