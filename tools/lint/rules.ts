/**
 * Who may import what, as data: the lint plugin and the architecture tests both read it from here.
 *
 * Paths are relative to the root of the repository and use `/`. A path that ends with `/` stands for all below it.
 *
 * @module
 */

/** A part of the repository with a rule of its own. */
export interface Area {
  /** Where it is; an area further up the list wins over one below it. */
  readonly at: string;
  /** What it may import beside itself. */
  readonly imports: readonly string[];
  /** What it may import by a dynamic `import()` only. */
  readonly lazily?: readonly string[];
  /** Packages that it may import. */
  readonly packages?: readonly string[];
  /** Set when its own files may not import each other. */
  readonly apart?: true;
}

/** All areas that the published package is made of, and the examples. */
export const AREAS: readonly Area[] = [
  {
    at: "mod.ts",
    // These two of transports import no runtime's module, and what they give must be there before the first call.
    imports: ["core.ts", "lib/", "codecs/", "middleware/", "transports/async_context.ts", "transports/gzip.ts"],
    lazily: ["transports/auto.ts"],
  },
  { at: "core.ts", imports: ["lib/"] },
  { at: "web.ts", imports: ["lib/", "codecs/"] },

  { at: "lib/errors.ts", imports: [] },
  { at: "lib/schema/", imports: ["lib/errors.ts"] },
  { at: "lib/validation/", imports: ["lib/schema/", "lib/errors.ts"] },
  { at: "lib/platform.ts", imports: ["lib/errors.ts"] },
  { at: "lib/compressor.ts", imports: [] },
  {
    at: "lib/io/web_streams.ts",
    imports: ["lib/io/", "lib/errors.ts"],
    packages: ["@std/streams"],
  },
  { at: "lib/io/", imports: ["lib/errors.ts"] },
  {
    at: "lib/discovery/",
    imports: ["lib/errors.ts", "lib/platform.ts", "lib/io/", "lib/schema/", "lib/governance/backoff.ts"],
  },
  { at: "lib/governance/", imports: ["lib/errors.ts", "lib/io/"] },
  // requests and responses, whatever carries them: three codecs and `fetch` meet here
  { at: "lib/http/", imports: ["lib/errors.ts", "lib/io/"] },
  { at: "lib/testing/", imports: ["lib/io/"] },
  {
    at: "lib/rpc/",
    imports: [
      "lib/errors.ts",
      "lib/compressor.ts",
      "lib/platform.ts",
      "lib/io/",
      "lib/schema/",
      "lib/discovery/",
      "lib/governance/",
      "lib/http/",
    ],
  },
  { at: "lib/", imports: ["lib/"] },

  { at: "transports/", imports: ["lib/"] },

  { at: "codecs/codegen.ts", imports: ["lib/", "codecs/thrift/"] },
  { at: "codecs/message/", imports: ["lib/"] },
  { at: "codecs/thrift/", imports: ["lib/", "codecs/message/"] },
  { at: "codecs/ttheader/", imports: ["lib/", "codecs/message/", "codecs/thrift/", "codecs/kitex_protobuf/"] },
  {
    at: "codecs/kitex/",
    imports: ["lib/", "codecs/message/", "codecs/thrift/", "codecs/kitex_protobuf/", "codecs/ttheader/"],
  },
  {
    at: "codecs/protobuf/",
    imports: ["lib/"],
    packages: ["@bufbuild/protobuf"],
  },
  {
    at: "codecs/kitex_protobuf/",
    imports: ["lib/", "codecs/message/", "codecs/thrift/"],
  },
  { at: "codecs/http1/", imports: ["lib/"] },
  { at: "codecs/http2/", imports: ["lib/"] },
  // what protoc-gen-es made of the contracts of gRPC's own services
  { at: "codecs/grpc/gen/", imports: [], packages: ["@bufbuild/protobuf"] },
  {
    at: "codecs/grpc/",
    // What a declared exception is, message codecs know too.
    imports: ["lib/", "codecs/http2/", "codecs/message/", "codecs/protobuf/", "codecs/thrift/"],
  },
  {
    at: "codecs/connect/",
    // statuses, metadata and messages with a prefix are gRPC's
    imports: ["lib/", "codecs/http1/", "codecs/http2/", "codecs/protobuf/", "codecs/grpc/"],
  },
  {
    at: "codecs/generic/",
    imports: ["lib/", "codecs/thrift/", "codecs/protobuf/"],
  },
  { at: "codecs/", imports: ["lib/"] },

  { at: "middleware/mod.ts", imports: ["lib/", "middleware/"] },
  // puts all policies in their order, so it knows them all
  { at: "middleware/pipeline.ts", imports: ["lib/", "middleware/"] },
  // gives several policies their configuration
  { at: "middleware/config_suite.ts", imports: ["lib/", "middleware/"] },
  { at: "middleware/", imports: ["lib/"], apart: true },

  {
    at: "idl/plugin/",
    imports: [
      "idl/",
      "lib/schema/",
      "lib/validation/",
      "lib/errors.ts",
      "lib/platform.ts",
      // Thriftgo's plugin protocol is Binary Thrift, whose codecs write into and read from these buffers
      "lib/io/read_buffer.ts",
      "lib/io/write_buffer.ts",
      "codecs/thrift/",
      // its messages are generated code
      "codecs/codegen.ts",
    ],
  },
  {
    at: "idl/proto/",
    imports: ["idl/", "lib/schema/", "lib/errors.ts", "lib/platform.ts"],
    packages: ["@bufbuild/protobuf"],
  },
  // a plugin that is built in: it stands on what plugins stand on
  { at: "idl/validator/", imports: ["idl/", "lib/schema/", "lib/validation/", "lib/errors.ts"] },
  // rules are checked and interpreted by what generated validators run on, so that they cannot differ
  { at: "idl/", imports: ["lib/schema/", "lib/validation/", "lib/errors.ts", "lib/platform.ts"] },

  { at: "http/", imports: ["lib/", "codecs/"], packages: ["hono"] },
  {
    at: "cli/scaffold/",
    imports: ["lib/", "idl/"],
    packages: ["typescript"], // its types; the compiler itself is the one that the project has
  },
  {
    at: "cli/",
    imports: ["lib/", "transports/", "codecs/", "middleware/", "idl/", "http/"],
  },

  { at: "examples/", imports: [], packages: ["@updraft/rpc"] },
];

/** Top folders and files that are published. */
export const PUBLISHED: readonly string[] = [
  "mod.ts",
  "core.ts",
  "web.ts",
  "lib/",
  "transports/",
  "codecs/",
  "middleware/",
  "idl/",
  "http/",
  "cli/",
];

/** Files that run something when they are loaded: what the package's commands start. */
export const PROGRAMS: readonly string[] = ["cli/main.ts", "cli/protoc_gen_updraft.ts", "cli/thrift_gen_ts.ts"];

/** Longest an example may be. */
export const EXAMPLE_MAX_LINES = 60;

/** Names that only a runtime's own adapter may say. */
export const RUNTIME_NAMES: readonly string[] = [
  "Deno",
  "Bun",
  "process",
  "Buffer",
  "require",
  "__dirname",
  "__filename",
];

/** How a module is asked for: by a declaration, for its types alone, or by `import()`. */
export type ImportKind = "static" | "type" | "dynamic";

/** True for files of the published package. */
export function isPublished(path: string): boolean {
  return PUBLISHED.some((at) => covers(at, path));
}

/** True for files that a generator wrote: they follow the generator's rules, not ours. */
export function isGenerated(path: string): boolean {
  return /(^|\/)(gen|golden)\/|\.gen\.ts$/.test(path);
}

/** The runtime whose adapter this file is part of. */
export function adapterOf(path: string): "deno" | "bun" | "node" | undefined {
  return /^transports\/(deno|bun|node)(_\w+)?\.ts$/.exec(path)?.[1] as
    | "deno"
    | "bun"
    | "node"
    | undefined;
}

/** Says what is wrong with an import of `specifier` in the file `from`, or nothing. */
export function importProblem(
  from: string,
  specifier: string,
  kind: ImportKind,
): string | undefined {
  if (/^(jsr|npm|https?|file|data):/.test(specifier)) {
    return `"${specifier}": import by bare name; deno.json and package.json say where it comes from`;
  }
  const relative = /^\.{0,2}\//.test(specifier);
  if (relative && !/\.(ts|mjs|json)$/.test(specifier)) {
    return `"${specifier}": relative imports carry their extension`;
  }
  const area = areaOf(from);
  if (!area) return undefined;
  return relative ? relativeProblem(area, from, specifier, kind) : packageProblem(area, from, specifier);
}

/** The path that a relative specifier in the file `from` means. */
export function resolve(from: string, specifier: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") {
      parts.length === 0 || parts.at(-1) === ".." ? parts.push("..") : parts.pop();
    } else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** The area a file belongs to. */
export function areaOf(path: string): Area | undefined {
  return AREAS.find(({ at }) => covers(at, path));
}

function relativeProblem(
  area: Area,
  from: string,
  specifier: string,
  kind: ImportKind,
): string | undefined {
  const to = resolve(from, specifier);
  const own = covers(area.at, to);
  const allowed = own ? !area.apart : area.imports.some((at) => covers(at, to));
  const lazily = area.lazily?.some((at) => covers(at, to)) === true;
  if (lazily && kind === "dynamic") return undefined;
  if (!allowed) {
    if (lazily) return `${from} may reach ${to} by a dynamic import() only`;
    const whole = [
      ...area.imports,
      ...(area.lazily ?? []).map((at) => `${at} (by import())`),
    ];
    return own ? `files in ${area.at} do not import each other` : `${area.at} may import ${list(whole)}, not ${to}`;
  }
  if (to !== "mod.ts" && to.endsWith("/mod.ts")) {
    return `${to} is an entry point: import the file that has what you need`;
  }
  return runtimeProblem(from, to, kind);
}

/** Adapters know their own runtime, and Node's when that runtime has Node's modules too; nothing else knows any statically. */
function runtimeProblem(
  from: string,
  to: string,
  kind: ImportKind,
): string | undefined {
  const target = adapterOf(to);
  if (!target || !from.startsWith("transports/")) return undefined;
  const own = adapterOf(from);
  if (own === target || (own !== undefined && target === "node")) {
    return undefined;
  }
  if (
    own === undefined && /^transports\/auto(_\w+)?\.ts$/.test(from) &&
    kind === "dynamic"
  ) return undefined;
  return `${from} may not import ${to}, which belongs to ${target}`;
}

function packageProblem(
  area: Area,
  from: string,
  specifier: string,
): string | undefined {
  if (specifier.startsWith("node:")) {
    return adapterOf(from) ? undefined : `"${specifier}": only transports/<runtime>*.ts may use node: modules`;
  }
  const name = specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  if (area.packages?.includes(name)) return undefined;
  return `"${specifier}": ${area.at} may import ${list(area.packages ?? [])} from outside`;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.join(", ");
}

function covers(at: string, path: string): boolean {
  return at.endsWith("/") ? path.startsWith(at) : path === at;
}
