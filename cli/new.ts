/**
 * `updraft new`: a project around an IDL, that runs at once; run again, it adds what the IDL has more.
 *
 * @module
 */
import type { Diagnostic } from "../idl/diagnostics.ts";
import { emit } from "../idl/emit/emit.ts";
import type { OutputFile } from "../idl/emit/options.ts";
import { isAbsolutePath, joinPath, normalizePath, relativePath } from "../idl/paths.ts";
import { RpcError } from "../lib/errors.ts";
import type { Platform } from "../lib/platform.ts";
import { type Command, EXIT_ERRORS, EXIT_FINE, UsageError } from "./command.ts";
import { compileInput, hasErrors, INCLUDE_OPTION, type RecordedReader, recordedReader, report } from "./idl_input.ts";
import type { ParsedOptions } from "./options.ts";
import { countDiagnostics } from "./print_diagnostics.ts";
import { camelCase, type Scaffold, type ScaffoldService, snakeCase, withFreeConstants } from "./scaffold/model.ts";
import { GENERATED, projectFiles } from "./scaffold/project_files.ts";
import { templateFiles } from "./scaffold/template_folder.ts";
import { thriftServices } from "./scaffold/thrift_services.ts";
import { type ProjectChange, writeFiles, writeHandlers } from "./write_project.ts";
import { VERSION } from "./version.ts";
import { writeOutputs } from "./write_outputs.ts";

/** The command. */
export const newProject: Command = {
  usage: "new NAME --idl FILE [OPTION]...",
  description:
    `Makes the folder NAME a project that serves what FILE says: generated code, stubs of handlers, server and client,
configuration, test, Dockerfile. It runs, and passes its test, at once.
Run again after FILE changed, it generates anew, adds stubs for new methods, and changes nothing that a person wrote.
Ends with 0 if all is well, 1 if there are errors, 2 if the command line cannot be understood.`,
  options: [
    { name: "idl", value: "FILE", help: "The Thrift or .proto file with the services." },
    INCLUDE_OPTION,
    {
      name: "runtime",
      value: "NAME",
      choices: ["deno", "bun", "node"],
      help: "Where it is to run. Default: that of the project, if it is there, else where this runs.",
    },
    { name: "package", value: "SPEC", help: "Takes @updraft/rpc from there: versions, a tarball or a folder." },
    { name: "template", value: "DIR", help: "Uses the templates in DIR instead of the built-in files." },
  ],
  run,
};

async function run(platform: Platform, options: ParsedOptions): Promise<number> {
  const [folder, ...more] = options.operands;
  if (folder === undefined || folder === "" || more.length > 0) throw new UsageError("name one folder for the project");
  const idl = options.value("idl");
  if (idl === undefined) throw new UsageError("say with --idl FILE what the project serves");
  const name = nameOf(joinPath(platform.cwd(), folder));
  const there = await platform.files.stat(folder);
  if (there !== null && there.kind !== "directory") throw new RpcError("invalid", `${folder} is there, and no folder`);

  const reader = recordedReader(platform);
  const { outputs, services, diagnostics } = idl.endsWith(".proto")
    ? await fromProto(platform, options, reader, idl)
    : await fromThrift(platform, options, reader, idl);
  await report(platform, reader, diagnostics);
  if (hasErrors(diagnostics)) {
    await platform.stderr.write(`nothing written: ${countDiagnostics(diagnostics)}\n`);
    return EXIT_ERRORS;
  }
  if (services.length === 0) throw new RpcError("invalid", `${idl} has no service`);
  mustDiffer(services);
  const project: Scaffold = {
    name,
    runtime: (options.value("runtime") as Scaffold["runtime"] | undefined) ?? await runtimeOf(platform, folder),
    protobuf: idl.endsWith(".proto"),
    version: VERSION,
    package: await packageSpec(platform, folder, options.value("package")),
    genArguments: genArguments(platform, folder, idl, options.values("include")),
    services: withFreeConstants(services),
  };
  const template = options.value("template");
  // all of it is made before any of it is written
  const files = template === undefined ? projectFiles(project) : await templateFiles(platform.files, template, project);
  const generated = outputs.map(({ path, text }) => ({ path: `${GENERATED}/${path}`, text }));
  await platform.files.makeDir(folder);
  const written = await writeOutputs(platform.files, folder, generated);
  const changes: ProjectChange[] = written.map((path) => ({ path, how: "wrote" }));
  if (template === undefined) changes.push(...await writeHandlers(platform, folder, project));
  changes.push(...await writeFiles(platform, folder, files));
  const guide = there === null && changes.some(({ path }) => path === joinPath(folder, "README.md"));
  await platform.stdout.write(summary(changes, folder, guide));
  return changes.some(({ how }) => how === "could not add to") ? EXIT_ERRORS : EXIT_FINE;
}

interface Input {
  readonly outputs: readonly OutputFile[];
  readonly services: readonly ScaffoldService[];
  readonly diagnostics: readonly Diagnostic[];
}

async function fromThrift(
  platform: Platform,
  options: ParsedOptions,
  reader: RecordedReader,
  idl: string,
): Promise<Input> {
  const { program, diagnostics } = await compileInput(platform, options, reader, [idl]);
  if (hasErrors(diagnostics)) return { outputs: [], services: [], diagnostics };
  const emitOptions = { roots: options.values("include") };
  const emitted = emit(program, emitOptions);
  return {
    outputs: emitted.value,
    services: hasErrors(emitted.diagnostics) ? [] : thriftServices(program, emitOptions),
    diagnostics: [...diagnostics, ...emitted.diagnostics],
  };
}

async function fromProto(
  platform: Platform,
  options: ParsedOptions,
  reader: RecordedReader,
  idl: string,
): Promise<Input> {
  const { compileProto } = await import("../idl/proto/compile.ts");
  const { generateCompiled } = await import("../idl/proto/generate.ts");
  const { servicesOf } = await import("../idl/proto/services.ts");
  const { value, diagnostics } = await compileProto(platform, [idl], reader, {
    includeDirs: options.values("include"),
  });
  if (value === undefined) return { outputs: [], services: [], diagnostics };
  const services = servicesOf(value).map((service): ScaffoldService => ({
    ...service,
    handlers: `${service.schema}Handlers`,
    constant: camelCase(service.name),
    file: snakeCase(service.name),
    methods: service.methods.map((method) => ({
      ...method,
      parameters: [method.streaming === "client" || method.streaming === "bidi" ? "requests" : "request"],
      arguments: method.streaming === "unary" ? "{}" : null,
      oneway: false,
    })),
  }));
  return { outputs: await generateCompiled(platform, value), services, diagnostics };
}

/** The last part of the folder's path, as a package may be called. */
function nameOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (/^[a-z0-9][a-z0-9._-]*$/i.test(name)) return name.toLowerCase();
  throw new UsageError(`a project cannot be called ${JSON.stringify(name)}: letters, digits, dots, hyphens`);
}

function mustDiffer(services: readonly ScaffoldService[]): void {
  const byFile = new Map<string, ScaffoldService>();
  for (const service of services) {
    const other = byFile.get(service.file);
    if (other !== undefined) {
      const names = `${other.name} and ${service.name}`;
      throw new RpcError("invalid", `the services ${names} would both have their handlers in ${service.file}.ts`);
    }
    byFile.set(service.file, service);
  }
}

/** What the project in the folder was made for; for a new one, the runtime that this runs on. */
async function runtimeOf(platform: Platform, folder: string): Promise<Scaffold["runtime"]> {
  if (await platform.files.stat(`${folder}/deno.json`) !== null) return "deno";
  const manifest = `${folder}/package.json`;
  if (await platform.files.stat(manifest) === null) return platform.name;
  return /"start":\s*"bun /.test(await platform.files.readText(manifest)) ? "bun" : "node";
}

/** A range of versions as it is; a path as seen from the project. */
async function packageSpec(platform: Platform, folder: string, spec: string | undefined): Promise<string> {
  if (spec === undefined) return `^${VERSION}`;
  if (await platform.files.stat(spec) !== null) return `file:${fromProject(platform, folder, spec)}`;
  if (/^[\^~]?\d[\w.+-]*$|^(latest|next|\*)$|^https?:\/\//.test(spec)) return spec;
  throw new RpcError("invalid", `--package ${spec} is neither a file, a folder, nor versions such as ^${VERSION}`);
}

function genArguments(platform: Platform, folder: string, idl: string, includes: readonly string[]): string {
  const words = [
    fromProject(platform, folder, idl),
    ...includes.flatMap((dir) => ["-I", fromProject(platform, folder, dir)]),
  ];
  return words.map(quotedForShell).join(" ");
}

/** A word as the shells of npm, Bun and Deno take it for itself. */
function quotedForShell(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `"${word.replaceAll(/["$\\`]/g, "\\$&")}"`;
}

function fromProject(platform: Platform, folder: string, path: string): string {
  if (isAbsolutePath(path)) return normalizePath(path);
  const cwd = platform.cwd();
  return relativePath(joinPath(cwd, folder), joinPath(cwd, path));
}

function summary(changes: readonly ProjectChange[], folder: string, guide: boolean): string {
  const lines = changes.filter(({ how }) => how !== "unchanged").map(({ path, how, detail }) =>
    `${how} ${path}${detail === undefined ? "" : `: ${detail}`}\n`
  );
  return lines.join("") + (guide ? `${folder}/README.md says how to run it\n` : "");
}
