/**
 * Plugins of the compiler that are plain modules: what they are, what they see, and what they may do.
 *
 * @module
 */
import type { Document } from "../ast.ts";
import type { DiagnosticCode } from "../codes.ts";
import type { ReportExtra, Span } from "../diagnostics.ts";
import type { EmitOptions } from "../emit/options.ts";
import type { Def, EnumDef, Module, Program, StructDef, Type } from "../model.ts";

/**
 * A plugin. Each hook is called when the compiler has come so far, for the plugins in the order they are named; each
 * sees what those before it did. A hook that throws or rejects ends the run: nothing is written.
 */
export interface Plugin {
  /** What messages call it, such as `"validator"`. */
  readonly name: string;
  /** Once for each file that is read, in any order, before it is checked: changes what the file says. */
  onSource?(file: SourceFile, context: PluginContext): void | Promise<void>;
  /**
   * Once, when all files are checked and there are no errors: looks at what they mean. Definitions, fields and methods may
   * be taken out of their lists, as long as nothing that stays refers to them.
   */
  onProgram?(program: Program, context: PluginContext): void | Promise<void>;
  /** Once, when code is generated and not yet written: adds to it. */
  onOutput?(output: Output, context: PluginContext): void | Promise<void>;
}

/** What every hook gets. */
export interface PluginContext {
  /** The plugin's own options, as in `--plugin name:key=value,key2`: all values of each key; `""` for a bare key. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  /** What was chosen for generated code. */
  readonly emitOptions: EmitOptions;
  /** Reports an error at a stretch of a file: the run goes on to find others, but nothing is written. */
  error(code: DiagnosticCode, document: Document, at: Span, message: string, extra?: ReportExtra): void;
  /** Reports a warning at a stretch of a file. */
  warning(code: DiagnosticCode, document: Document, at: Span, message: string, extra?: ReportExtra): void;
  /** Tells the person who runs the compiler something that has no place. */
  note(message: string): void;
}

/**
 * A file before it is checked. The tree is a view of the text, so it is the text that a plugin edits, at the places of the
 * tree's nodes; when all edits of a plugin are there, the file is parsed again. Edits may not overlap.
 */
export interface SourceFile {
  /** Its path, as in diagnostics. */
  readonly path: string;
  /** Its syntax tree, with all tokens and the text. */
  readonly document: Document;
  /** Puts text in front of an offset, 0 to the length of the text; texts at one offset keep their order. */
  insert(offset: number, text: string): void;
  /** Puts text in the place of a node or another stretch; the empty text removes it. */
  replace(at: Span, text: string): void;
}

/** All that is generated, before it is written. */
export interface Output {
  /** The generated TypeScript files, each after those it imports from. */
  readonly files: readonly EmittedFile[];
  /** The file a definition is generated into. Throws an `RpcError` of kind `"invalid"` if trimming took it away. */
  fileOf(def: Def): EmittedFile;
  /**
   * Adds a file, at a path below the output folder. Markers `@@thriftgo_insertion_point(NAME)` in its text are places where
   * other plugins may insert; they are taken out before it is written. Gives `false` if the same file is there already;
   * throws an `RpcError` of kind `"invalid"` if another text has the path, or if the path leads out of the folder.
   */
  addFile(path: string, text: string): boolean;
  /**
   * Inserts text at a place of any file, generated or added. Throws an `RpcError` of kind `"invalid"` if there is no such
   * file, or no such place in it.
   */
  insert(path: string, point: string, text: string): void;
}

/** A generated TypeScript file. */
export interface EmittedFile {
  /** Its path relative to the output folder. */
  readonly path: string;
  /** The IDL files it is generated from. */
  readonly modules: readonly Module[];
  /** What is generated into it, in the order of the file. */
  readonly definitions: readonly Def[];
  /** The names of the places where text can be inserted; docs/plugins.md lists them. */
  readonly points: readonly string[];
  /**
   * Inserts whole lines at a place, indented as it is; texts for one place keep their order. Throws an `RpcError` of kind
   * `"invalid"` if there is no such place.
   */
  insert(point: string, text: string): void;
  /** Takes a name for the top of the file: `name`, or the first free one made of it and underscores. */
  claim(name: string): string;
  /**
   * Imports what `from` exports as `name`, once, and gives its local name. `from` is another generated file, a path relative
   * to the output folder (`./x.ts`, `../x.ts`), or a package. For a type set `isType`: the import is then erased.
   */
  import(name: string, from: EmittedFile | string, isType?: boolean): string;
  /** The same for what the runtime of generated code exports. */
  runtime(name: string, isType?: boolean): string;
  /** A type of the IDL as a TypeScript type; what it names is imported. */
  typeOf(type: Type): string;
  /** The type of a definition; imported if it is in another file. */
  nameOf(def: Def): string;
  /** The value of a definition: an enum's object, an exception's class, a constant; imported if it is in another file. */
  valueOf(def: Def): string;
  /** The schema of a definition; imported if it is in another file. */
  schemaOf(def: StructDef | EnumDef): string;
}

/** Marks a plugin as one, for the command that loads it from a module's default export; gives it back. */
export function definePlugin<P extends Plugin>(plugin: P): P {
  return Object.defineProperty(plugin, MARK, { value: INTERFACE_VERSION });
}

/** The version of the interface a value was made for by `definePlugin`; `undefined` if it is no plugin. */
export function pluginVersion(value: unknown): number | undefined {
  const version = typeof value === "object" && value !== null ? Reflect.get(value, MARK) : undefined;
  return typeof version === "number" ? version : undefined;
}

/** Grows when a plugin made for an older version could break. */
export const INTERFACE_VERSION = 1;

/** Known to all copies of this module: the plugin may come with its own. */
const MARK = Symbol.for("@updraft/rpc/plugin");
