/**
 * Where generated files go: one for each IDL file (or each namespace), at a path below the output folder.
 *
 * A file's path is the one it has relative to the folder of the files asked for, or to the first other root that holds
 * it, with `.ts` as its ending. A step up (`..`) becomes a folder `_parent`, and characters other than letters, digits,
 * `.`, `_` and `-` become `_`, as does what Windows would not take for a name of its own: a dot at the end, and before `con` and
 * other devices, and `node_modules`. `.d` at the end becomes `.d_`: a file `x.d.ts` would be declarations. Nothing in an IDL
 * can name a place outside.
 *
 * @module
 */
import { type Diagnostics, place } from "../diagnostics.ts";
import { walk } from "../graph.ts";
import { type Def, type Module, namespaceOf, type Program } from "../model.ts";
import { below, commonFolder, isAbsolutePath, normalizePath, relativePath } from "../paths.ts";
import type { EmitOptions } from "./options.ts";

/** An output file and what goes into it. */
export interface OutputPlan {
  /** Path relative to the output folder. */
  readonly path: string;
  /** The modules in it; one, unless the output is split by namespace. */
  readonly modules: readonly Module[];
  /** Their definitions, kind by kind, each kind in the order of the IDL: what Thriftgo's plugins see has no other order. */
  readonly definitions: readonly Def[];
}

/** The output files of a program, each after those it imports from. */
export function planOutputs(program: Program, options: EmitOptions, diagnostics: Diagnostics): OutputPlan[] {
  const byNamespace = options.split === "namespace";
  const roots = [commonFolder(program.mains.map((module) => module.path)), ...(options.roots ?? []).map(normalizePath)];
  const plans = new Map<string, OpenPlan>();
  for (const module of program.modules) {
    const path = (byNamespace ? namespacePath(module) : undefined) ?? safePath(placeBelow(roots, module.path)) + ".ts";
    // paths that differ in case only are one file on some systems
    const known = plans.get(path.toLowerCase());
    const [first] = known?.modules ?? [];
    if (known === undefined || first === undefined) plans.set(path.toLowerCase(), { path, modules: [module] });
    else if (byNamespace && known.path === path) known.modules.push(module);
    else reportSamePath(module, first, path, diagnostics);
  }
  for (const [key, { path, modules: [module] }] of plans) {
    const holder = foldersOf(key).map((folder) => plans.get(folder)).find((plan) => plan !== undefined);
    if (module === undefined || holder?.modules[0] === undefined) continue;
    reportFileAndFolder(module, path, holder.modules[0], holder.path, diagnostics);
  }
  const whole = [...plans.values()].map((plan) => ({ ...plan, definitions: byKind(plan.modules) }));
  return byNamespace ? inOrder(whole, diagnostics) : whole;
}

interface OpenPlan {
  readonly path: string;
  readonly modules: Module[];
}

const KINDS: readonly Def["kind"][] = ["enum", "typedef", "struct", "union", "exception", "service", "const"];

function byKind(modules: readonly Module[]): Def[] {
  const all = modules.flatMap((module) => module.definitions);
  return KINDS.flatMap((kind) => all.filter((def) => def.kind === kind));
}

function reportSamePath(module: Module, first: Module, path: string, diagnostics: Diagnostics): void {
  const start = { start: 0, end: 0 };
  diagnostics.error("UT6001", module.document.source, start, `this and ${first.path} would both become ${path}`, {
    suggestion: "rename one of them, or generate them into different folders",
    related: [place(first.document.source, start, "the other file")],
  });
}

function reportFileAndFolder(
  module: Module,
  path: string,
  other: Module,
  file: string,
  diagnostics: Diagnostics,
): void {
  const start = { start: 0, end: 0 };
  const text = `this would become ${path}, but ${other.path} becomes ${file}, which cannot be a file and a folder`;
  diagnostics.error("UT6001", module.document.source, start, text, {
    suggestion: "rename one of them, or generate them into different folders",
    related: [place(other.document.source, start, "the other file")],
  });
}

/** The folders that a path lies in: `a/b` and `a` for `a/b/c`. */
function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

/** Namespaces that import from each other could not be loaded. */
function inOrder(plans: readonly OutputPlan[], diagnostics: Diagnostics): OutputPlan[] {
  const planOf = new Map(plans.flatMap((plan) => plan.modules.map((module) => [module, plan] as const)));
  const { order, cycles } = walk<OutputPlan>(plans, (plan) => {
    const included = plan.modules.flatMap((module) => module.includes.map((include) => planOf.get(include.module)));
    return included.filter((other): other is OutputPlan => other !== undefined && other !== plan);
  });
  for (const cycle of cycles) {
    const source = cycle[0]?.modules[0]?.document.source;
    if (source === undefined) continue;
    const names = [...cycle, ...cycle.slice(0, 1)].map((plan) => plan.path).join(" -> ");
    diagnostics.error("UT6002", source, { start: 0, end: 0 }, `namespaces depend on each other: ${names}`, {
      suggestion: "generate one output for each file",
    });
  }
  return [...order];
}

/** `a/b.ts` for the namespace `a.b`, where the module declares one. */
function namespacePath(module: Module): string | undefined {
  const namespace = namespaceOf(module, ["ts", "js", "*", "go"]);
  return namespace === undefined ? undefined : safePath(namespace.replaceAll(".", "/")) + ".ts";
}

/** The path relative to the first root that holds it, else to the first root of all; without its ending. */
function placeBelow(roots: readonly string[], path: string): string {
  const stem = path.replace(/(?<=[^/])\.[^./]+$/, "");
  for (const root of roots) {
    const inside = below(root, stem);
    if (inside !== undefined) return inside;
  }
  return relativePath(roots[0] ?? ".", stem);
}

function safePath(path: string): string {
  const rooted = isAbsolutePath(path) ? `_root/${path}` : path;
  const parts = rooted.split("/").filter((part) => part !== "" && part !== ".");
  const safe = parts.map((part) => part === ".." ? "_parent" : safePart(part)).join("/");
  // `x.d.ts` and `x.d.y.ts` would be declarations, from which nothing can be imported
  return safe.replace(/\.d(?=\.[^/]*$|$)/g, ".d_");
}

/** A name that every system takes for what it is; Node does not run TypeScript below a folder `node_modules`. */
function safePart(part: string): string {
  const safe = part.replace(/[^A-Za-z0-9._-]/g, "_").replace(/\.+$/, (dots) => "_".repeat(dots.length));
  return /^(?:con|prn|aux|nul|com\d|lpt\d|node_modules)(?:\.|$)/i.test(safe) ? `_${safe}` : safe;
}
