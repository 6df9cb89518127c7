/**
 * What `thrift-gen-ts` does with its arguments, input and output.
 *
 * @module
 */
import { check } from "../idl/compile.ts";
import { type Diagnostic, sortDiagnostics } from "../idl/diagnostics.ts";
import { joinPath } from "../idl/paths.ts";
import type { PluginRequest, PluginResponse } from "../idl/plugin/gen/protocol.ts";
import type { Plugin } from "../idl/plugin/plugin.ts";
import { PluginRun } from "../idl/plugin/plugin_run.ts";
import { decodeRequest, encodeResponse, MAX_PLUGIN_BYTES } from "../idl/plugin/protocol.ts";
import { rebuildFiles } from "../idl/plugin/rebuild_files.ts";
import type { SourceText } from "../idl/source.ts";
import { joinBytes } from "../idl/run_process.ts";
import { RpcError } from "../lib/errors.ts";
import type { Platform } from "../lib/platform.ts";
import { EXIT_ERRORS, EXIT_FINE, EXIT_USAGE } from "./command.ts";
import { EMIT_OPTIONS, emitOptions } from "./emit_options.ts";
import { describeOptions, type OptionSpec, parseOptions } from "./options.ts";
import { printable } from "./print_diagnostics.ts";
import { VERSION } from "./version.ts";

const OPTIONS: readonly OptionSpec[] = [
  { name: "out", value: "DIR", help: "Writes there. Default: where thriftgo or kitex writes." },
  {
    name: "include",
    value: "DIR",
    repeatable: true,
    help: "Makes paths of files in it relative to it, as updraft gen -I does.",
  },
  ...EMIT_OPTIONS,
  { name: "quiet", help: "Says nothing of warnings." },
];

/** Runs the plugin and gives its exit code. Never rejects. */
export async function runThriftGen(platform: Platform): Promise<number> {
  const [argument] = platform.args;
  if (argument === "--version" || argument === "-v") {
    await platform.stdout.write(`thrift-gen-ts ${VERSION} (${platform.name})\n`);
    return EXIT_FINE;
  }
  if (argument !== undefined) {
    const asked = argument === "--help" || argument === "-h";
    await (asked ? platform.stdout : platform.stderr).write(help());
    return asked ? EXIT_FINE : EXIT_USAGE;
  }
  try {
    const request = decodeRequest(await readAll(platform.stdin));
    await platform.stdout.writeBytes(encodeResponse(await answer(request, platform.cwd())));
    return EXIT_FINE;
  } catch (reason) {
    const isClear = reason instanceof RpcError;
    const text = isClear ? reason.message : reason instanceof Error ? reason.stack : String(reason);
    await platform.stderr.write(`thrift-gen-ts: ${isClear ? "" : "this is a bug, please report it:\n"}${text}\n`);
    return EXIT_ERRORS;
  }
}

/** The answer to a request; what is wrong with its options or its files is in the answer. */
export async function answer(request: PluginRequest, cwd: string): Promise<PluginResponse> {
  const options = parseOptions(OPTIONS, request.pluginParameters.map(asArgument));
  if (typeof options === "string") return { error: `thrift-gen-ts: ${options.replaceAll(/(^|\s)--/g, "$1")}` };
  const rebuilt = rebuildFiles(request.ast, cwd);
  const checked = check(rebuilt.value);
  const { mains } = checked.value;
  const wanted = new Set<string>();
  const chooser: Plugin = {
    name: "recursive",
    onOutput({ files }) {
      const chosen = request.recursive ? files : files.filter(({ modules }) => modules.some((m) => mains.includes(m)));
      for (const { path } of chosen) wanted.add(path);
    },
  };
  const run = new PluginRun([{ plugin: chooser }], emitOptions(options));
  const found = [...rebuilt.diagnostics, ...checked.diagnostics];
  const outputs = found.some(isError) ? undefined : await run.generate(checked.value);
  const diagnostics = sortDiagnostics([...found, ...run.diagnostics]);
  const sources = new Map(rebuilt.value.files.map(({ path, document }) => [path, document.source]));
  const printed = (list: readonly Diagnostic[]): string[] => list.map((each) => print(each, sources.get(each.file)));
  const warnings = options.has("quiet") ? [] : printed(diagnostics.filter((each) => !isError(each)));
  if (outputs === undefined) return { warnings, error: printed(diagnostics.filter(isError)).join("\n") };
  const folder = (options.value("out") ?? request.outputPath) || ".";
  const contents = outputs.filter(({ path }) => wanted.has(path))
    .map(({ path, text }) => ({ name: joinPath(folder, path), content: text }));
  return { warnings, contents };
}

/** Thriftgo hands `key=value` over as it is, and a bare `key` as `key=`. */
function asArgument(parameter: string): string {
  return `--${parameter.replace(/=$/, "")}`;
}

function isError({ severity }: Diagnostic): boolean {
  return severity === "error";
}

/** A diagnostic without its line number, which is that of a text nobody knows, but with the line itself. */
function print({ file, line, severity, code, message, suggestion }: Diagnostic, source?: SourceText): string {
  const text = source?.line(line).trim() ?? "";
  const shown = text === "" ? "" : `\n  ${text.length > 200 ? `${text.slice(0, 200)}...` : text}`;
  const help = suggestion === undefined ? "" : `\n  help: ${suggestion}`;
  return printable(`${file === "" ? "" : `${file}: `}${severity} ${code}: ${message}${shown}${help}`);
}

/** All of a stream, up to what a request may be long. */
async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > MAX_PLUGIN_BYTES) throw new RpcError("protocol", `the request exceeds ${MAX_PLUGIN_BYTES} bytes`);
    chunks.push(chunk);
  }
  return joinBytes(chunks);
}

function help(): string {
  return `Usage: thriftgo -r -g go:skip_go_gen,thrift_streaming -p ts=thrift-gen-ts[:OPTION,...] FILE
       kitex -thrift-plugin ts=thrift-gen-ts[:OPTION,...] ... FILE

Generates TypeScript for @updraft/rpc as a plugin of thriftgo or of the kitex tool: the files of updraft gen with the same
options. Reads a request from standard input and writes an answer to standard output.

Options, here each KEY=VALUE or KEY, without the dashes:
${describeOptions(OPTIONS)}`;
}
