/**
 * One run of the compiler with plugins: calls their hooks in order, and gathers what they report.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { type Diagnostic, Diagnostics } from "../diagnostics.ts";
import { emitUnits, trimTo } from "../emit/emit.ts";
import type { EmitOptions, OutputFile } from "../emit/options.ts";
import { Interrupted } from "../interrupted.ts";
import type { SourceReader } from "../load.ts";
import type { Program } from "../model.ts";
import { parseSource } from "../parser.ts";
import { SourceText } from "../source.ts";
import { withinLimit } from "../time_limit.ts";
import { mustBeText } from "./must_be_text.ts";
import { Outputs } from "./outputs.ts";
import type { Plugin, PluginContext } from "./plugin.ts";
import { SourceEdits } from "./source_edits.ts";

/** A plugin with its options. */
export interface PluginUse {
  /** The plugin. */
  readonly plugin: Plugin;
  /** Its options, all values of each key. Default: none. */
  readonly options?: ReadonlyMap<string, readonly string[]>;
  /** Milliseconds that a hook may wait; 0 for no limit. Default 0. */
  readonly timeLimitMs?: number;
}

/** A run. One serves one compilation. */
export class PluginRun {
  /** What plugins had to say beside diagnostics, with their names. */
  readonly notes: string[] = [];
  readonly #emitOptions: EmitOptions;
  readonly #diagnostics = new Diagnostics();
  readonly #emitted: Diagnostic[] = [];
  readonly #uses: readonly Use[];

  /** Begins one, without calling any plugin. */
  constructor(uses: readonly PluginUse[], emitOptions: EmitOptions) {
    this.#emitOptions = emitOptions;
    this.#uses = uses.map((use) => ({
      plugin: use.plugin,
      timeLimitMs: use.timeLimitMs ?? 0,
      context: this.#contextOf(use),
    }));
  }

  /** What plugins and the emitter reported so far. */
  get diagnostics(): readonly Diagnostic[] {
    return [...this.#emitted, ...this.#diagnostics.list];
  }

  /** A reader that gives files as plugins want them to be. Its `read` rejects if a plugin fails. */
  reader(files: SourceReader): SourceReader {
    const uses = this.#uses.filter(({ plugin }) => plugin.onSource !== undefined);
    if (uses.length === 0) return files;
    return {
      read: async (path) => {
        const read = await files.read(path);
        if (read === null) return null;
        let text: string = read;
        for (const use of uses) {
          // what is wrong with the syntax is reported when the compiler itself parses the file
          const edits = new SourceEdits(parseSource(new SourceText(path, text), new Diagnostics()));
          text = await attempt(use, "onSource", async ({ plugin, context }) => {
            await plugin.onSource?.(edits, context);
            return edits.finish();
          });
        }
        return text;
      },
    };
  }

  /**
   * The files of a program without errors, as `emit` makes them, with all that plugins add; `undefined` if an error was
   * reported. Rejects with an `RpcError` of kind `"invalid"` if a plugin fails.
   */
  async generate(program: Program): Promise<readonly OutputFile[] | undefined> {
    const trimmed = trimTo(program, this.#emitOptions);
    this.#emitted.push(...trimmed.diagnostics);
    if (this.#failed()) return undefined;
    for (const use of this.#uses) {
      await attempt(use, "onProgram", async ({ plugin, context }) => await plugin.onProgram?.(trimmed.value, context));
    }
    if (this.#failed()) return undefined;
    const units = this.#emit(trimmed.value);
    this.#emitted.push(...units.diagnostics);
    if (this.#failed()) return undefined;
    const outputs = new Outputs(units.value);
    for (const use of this.#uses) {
      await attempt(use, "onOutput", async ({ plugin, context }) => await plugin.onOutput?.(outputs, context));
    }
    return this.#failed() ? undefined : outputs.finish();
  }

  /** Emits code. What it cannot work with is no mistake of its own once a plugin had the program. */
  #emit(program: Program): ReturnType<typeof emitUnits> {
    try {
      return emitUnits(program, this.#emitOptions);
    } catch (cause) {
      const names = this.#uses.filter(({ plugin }) => plugin.onProgram !== undefined).map(({ plugin }) => plugin.name);
      if (names.length === 0) throw cause;
      const text = `no code can be generated from the program as plugin ${names.join(" or ")} left it`;
      throw new RpcError("invalid", `${text}: ${describeThrown(cause)}`, { cause });
    }
  }

  #failed(): boolean {
    return this.diagnostics.some(({ severity }) => severity === "error");
  }

  #contextOf({ plugin, options }: PluginUse): PluginContext {
    return {
      options: options ?? new Map(),
      emitOptions: this.#emitOptions,
      error: (code, { source }, at, message, extra) =>
        this.#diagnostics.error(code, source, at, mustBeText(message, "the message of an error"), extra),
      warning: (code, { source }, at, message, extra) =>
        this.#diagnostics.warning(code, source, at, mustBeText(message, "the message of a warning"), extra),
      note: (message) => void this.notes.push(`${plugin.name}: ${mustBeText(message, "a note")}`),
    };
  }
}

interface Use extends Required<Omit<PluginUse, "options">> {
  readonly context: PluginContext;
}

/** Runs a hook; what it throws becomes an error that names the plugin, and so does waiting for too long. */
async function attempt<T>(use: Use, hook: string, work: (use: Use) => Promise<T>): Promise<T> {
  const { plugin, timeLimitMs } = use;
  try {
    return await withinLimit(work(use), timeLimitMs, hook);
  } catch (cause) {
    if (cause instanceof Interrupted) throw cause;
    // an error of this kind says all there is to say, any other is a mistake whose place its author needs
    const isClear = cause instanceof RpcError && cause.kind === "invalid";
    const text = isClear ? cause.message : describeThrown(cause);
    throw new RpcError("invalid", `plugin ${plugin.name} ${isClear ? "failed" : `broke in ${hook}`}: ${text}`, {
      cause,
    });
  }
}

/** What was thrown, as text: anything can be, also what has none. */
function describeThrown(cause: unknown): string {
  try {
    return cause instanceof Error ? cause.stack ?? cause.message : String(cause);
  } catch {
    return "it threw something that is no error";
  }
}
