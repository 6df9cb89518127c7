/**
 * The plugins that `updraft gen --plugin` names: modules and programs.
 *
 * @module
 */
import { joinPath, normalizePath, stemOf } from "../idl/paths.ts";
import { INTERFACE_VERSION, type Plugin, pluginVersion } from "../idl/plugin/plugin.ts";
import type { PluginUse } from "../idl/plugin/plugin_run.ts";
import { processPlugin } from "../idl/plugin/process_plugin.ts";
import { withinLimit } from "../idl/time_limit.ts";
import { RpcError } from "../lib/errors.ts";
import type { Platform } from "../lib/platform.ts";
import { UsageError } from "./command.ts";
import type { ParsedOptions } from "./options.ts";
import { VERSION } from "./version.ts";

/** What `--plugin` says. */
export interface PluginSpec {
  /** Its name. */
  readonly name: string;
  /** The module or program, if one is named. */
  readonly path: string | undefined;
  /** Its options, in order; a bare key has the value `""`. */
  readonly options: readonly (readonly [key: string, value: string])[];
}

/** Reads `NAME[=PATH][:KEY=VALUE,KEY,...]`, as Thriftgo does. Throws a `UsageError`. */
export function parsePluginSpec(text: string): PluginSpec {
  // a drive letter's colon is part of the path
  const [, head = "", tail] = /^((?:[^:=]*=[A-Za-z]:(?=[\\/]))?[^:]*)(?::([\s\S]*))?$/.exec(text) ?? [];
  const equals = head.indexOf("=");
  const name = equals < 0 ? head : head.slice(0, equals);
  const path = equals < 0 ? undefined : head.slice(equals + 1);
  if (name === "" || path === "") throw new UsageError(`--plugin ${text} is not NAME[=PATH][:OPTIONS]`);
  if (path === undefined && /[\\/]|\.m?[jt]s$/.test(name)) {
    throw new UsageError(
      `--plugin ${text} is a path without a name: write NAME=${text}, such as ${stemOf(name)}=${text}`,
    );
  }
  return { name, path, options: parsePairs(tail ?? "") };
}

/**
 * Loads the plugins of a command line; a module whose file has changed since is loaded anew. The files go to `seen`, each with the
 * time of its last change. Rejects with a `UsageError`, or an `RpcError` of kind `"invalid"`.
 */
export async function loadPlugins(
  platform: Platform,
  options: ParsedOptions,
  seen: Map<string, number | null> = new Map(),
): Promise<PluginUse[]> {
  const specs = options.values("plugin").map(parsePluginSpec);
  const builtIn = specs.filter(({ name, path }) => path === undefined && BUILT_IN.has(name)).map(({ name }) => name);
  const twice = builtIn.find((name, i) => builtIn.indexOf(name) < i);
  if (twice !== undefined) {
    throw new UsageError(`--plugin ${twice} is there twice: give it all its options at once, ${twice}:KEY=VALUE,...`);
  }
  const timeLimitMs = parseDuration(options.value("plugin-time-limit") ?? "1m");
  const settings: ProgramSettings = {
    timeLimitMs,
    language: options.value("plugin-lang") ?? "ts",
    generatorParameters: asParameters(parsePairs(options.value("plugin-parameters") ?? "")),
    outputPath: options.value("out") ?? "gen",
  };
  const uses: PluginUse[] = [];
  for (const spec of specs) {
    if (spec.path !== undefined) seen.set(spec.path, (await platform.files.stat(spec.path))?.mtimeMs ?? null);
    uses.push({ ...await loadPlugin(platform, spec, settings), options: gathered(spec.options) });
  }
  return uses;
}

interface ProgramSettings {
  readonly timeLimitMs: number;
  readonly language: string;
  readonly generatorParameters: readonly string[];
  readonly outputPath: string;
}

/** The plugins that come with the command; a path names another one. */
const BUILT_IN: ReadonlyMap<string, () => Promise<Plugin>> = new Map([
  ["validator", async () => (await import("../idl/validator/plugin.ts")).validatorPlugin()],
]);

async function loadPlugin(platform: Platform, spec: PluginSpec, settings: ProgramSettings): Promise<PluginUse> {
  const { name, path } = spec;
  const { timeLimitMs } = settings;
  const builtIn = path === undefined ? BUILT_IN.get(name) : undefined;
  if (builtIn !== undefined) return { plugin: await builtIn(), timeLimitMs };
  const isScript = path !== undefined && /\.m?[jt]s$/.test(path);
  // to load a module is to run it, so it is read before that
  if (isScript && hasDefaultExport(await platform.files.readText(path))) {
    return { plugin: await loadModule(platform, name, path, timeLimitMs), timeLimitMs };
  }
  const command: [string, ...string[]] = isScript ? platform.scriptCommand(path) : [path ?? `thrift-gen-${name}`];
  const parameters = asParameters(spec.options);
  return { plugin: processPlugin(platform, { name, command, parameters, version: VERSION, ...settings }) };
}

/** Does it say so at the beginning of a line, or behind another statement, as a minifier writes? */
function hasDefaultExport(text: string): boolean {
  return /(?:^|[;}])[ \t]*export(?:\s+default\b|\s*\{[^}]*\bdefault\b[^}]*\})/m.test(text);
}

async function loadModule(platform: Platform, name: string, path: string, timeLimitMs: number): Promise<Plugin> {
  const specifier = specifierOf(platform, path, (await platform.files.stat(path))?.mtimeMs ?? 0);
  let module: { readonly default?: unknown };
  try {
    module = await withinLimit(import(specifier), timeLimitMs, "loading it");
  } catch (cause) {
    // that it took too long says all there is to say; of other mistakes its author needs the place
    const isPlain = cause instanceof RpcError || !(cause instanceof Error);
    const text = isPlain ? RpcError.from(cause).message : cause.stack ?? cause.message;
    throw new RpcError("invalid", `plugin ${name} cannot be loaded from ${path}: ${text}`, { cause });
  }
  const version = pluginVersion(module.default);
  if (version === undefined) {
    throw new RpcError("invalid", `plugin ${name}: the default export of ${path} is not what definePlugin gives`);
  }
  if (version > INTERFACE_VERSION) {
    throw new RpcError(
      "invalid",
      `plugin ${name} is for a newer updraft: it was made for version ${version} of plugins, this is ${INTERFACE_VERSION}`,
    );
  }
  const plugin = module.default as Plugin;
  const hooks = [plugin.onSource, plugin.onProgram, plugin.onOutput];
  if (typeof plugin.name !== "string" || hooks.some((hook) => hook !== undefined && typeof hook !== "function")) {
    throw new RpcError("invalid", `plugin ${name}: what ${path} exports has no name, or a hook that is no function`);
  }
  return plugin;
}

/** What to import for a module that changed then: runtimes keep what they loaded by this. */
function specifierOf(platform: Platform, path: string, mtimeMs: number): string {
  const whole = joinPath(normalizePath(platform.cwd()), path);
  if (platform.name === "bun") return `${whole}?${mtimeMs}`; // it sees no difference between URLs of one file
  const url = new URL(`file:///?${mtimeMs}`);
  url.pathname = whole.replaceAll("%", "%25");
  return url.href;
}

function parsePairs(text: string): [string, string][] {
  return text.split(",").filter((part) => part !== "").map((part) => {
    const equals = part.indexOf("=");
    return equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
  });
}

function asParameters(pairs: readonly (readonly [string, string])[]): string[] {
  return pairs.map(([key, value]) => `${key}=${value}`);
}

function gathered(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> {
  const map = new Map<string, string[]>();
  for (const [key, value] of pairs) {
    const values = map.get(key);
    if (values === undefined) map.set(key, [value]);
    else values.push(value);
  }
  return map;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function parseDuration(text: string): number {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const value = Number(number) * (UNIT_MS[unit] ?? 0);
  // a timer cannot wait longer
  if (!(value <= 2 ** 31 - 1)) throw new UsageError(`--plugin-time-limit ${text} is no time: write 90s, 2m or 500ms`);
  return value;
}
