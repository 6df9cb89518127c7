/**
 * `updraft`: finds the command, reads its options, runs it.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { Platform } from "../lib/platform.ts";
import { Interrupted } from "../idl/interrupted.ts";
import { nearest } from "../idl/suggest.ts";
import { type Command, EXIT_ERRORS, EXIT_FINE, EXIT_PIPE, EXIT_USAGE, UsageError } from "./command.ts";
import { describeOptions, type OptionSpec, parseOptions } from "./options.ts";
import { printable } from "./print_diagnostics.ts";
import { VERSION } from "./version.ts";

/**
 * Runs the command line of `platform` and gives the exit code: 0 fine, 1 errors, 2 not understood, 130 or 143 interrupted,
 * 141 if whoever read the output has left. Never rejects.
 */
export async function run(platform: Platform): Promise<number> {
  try {
    return await dispatch(platform).catch((reason) => fail(platform, reason));
  } catch (reason) {
    return isBrokenPipe(reason) ? EXIT_PIPE : EXIT_ERRORS; // the complaint itself could not be written
  }
}

/** Commands by name; each is loaded only when it is run. */
const COMMANDS: readonly { readonly name: string; readonly summary: string; load(): Promise<Command> }[] = [
  {
    name: "gen",
    summary: "generates TypeScript from Thrift IDL and .proto files",
    load: async () => (await import("./gen.ts")).gen,
  },
  {
    name: "new",
    summary: "makes a project around an IDL",
    load: async () => (await import("./new.ts")).newProject,
  },
  {
    name: "check",
    summary: "checks Thrift IDL without generating anything",
    load: async () => (await import("./check.ts")).check,
  },
  {
    name: "fmt",
    summary: "writes Thrift IDL in one style",
    load: async () => (await import("./fmt.ts")).fmt,
  },
  {
    name: "lint",
    summary: "checks the style of Thrift IDL",
    load: async () => (await import("./lint.ts")).lint,
  },
  {
    name: "breaking",
    summary: "compares two versions of Thrift IDL",
    load: async () => (await import("./breaking.ts")).breaking,
  },
  {
    name: "call",
    summary: "calls a method of a service, with JSON in and out",
    load: async () => (await import("./call.ts")).call,
  },
  {
    name: "sniff",
    summary: "shows what bytes on the wire say, captured or passing through",
    load: async () => (await import("./sniff.ts")).sniff,
  },
  {
    name: "lsp",
    summary: "serves editors: diagnostics, completion, rename and more",
    load: async () => (await import("./lsp/lsp.ts")).lsp,
  },
];

const HELP: OptionSpec = { name: "help", short: "h", help: "Shows this help." };

async function dispatch(platform: Platform): Promise<number> {
  const [name, ...args] = helpAsOption(platform.args);
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    await (name === undefined ? platform.stderr : platform.stdout).write(overview());
    return name === undefined ? EXIT_USAGE : EXIT_FINE;
  }
  if (name === "--version" || name === "-v" || name === "version") {
    await platform.stdout.write(`updraft ${VERSION} (${platform.name})\n`);
    return EXIT_FINE;
  }
  const entry = COMMANDS.find((command) => command.name === name);
  if (entry === undefined) {
    const suggestion = nearest(name, COMMANDS.map((command) => command.name));
    return await usageError(
      platform,
      `there is no command ${name}${suggestion === undefined ? "" : `, ${suggestion}`}`,
    );
  }
  const command = await entry.load();
  const specs = [...command.options, HELP];
  const parsed = parseOptions(specs, args);
  if (typeof parsed === "string") return await usageError(platform, parsed, name);
  if (parsed.has("help")) {
    const help = `Usage: updraft ${command.usage}\n\n${command.description}\n\nOptions:\n${describeOptions(specs)}`;
    await platform.stdout.write(help);
    return EXIT_FINE;
  }
  try {
    return await command.run(platform, parsed);
  } catch (reason) {
    if (reason instanceof UsageError) return await usageError(platform, reason.message, name);
    throw reason;
  }
}

/** `help gen` and `--help gen` are `gen --help`. */
function helpAsOption(args: readonly string[]): readonly string[] {
  const [name, command, ...more] = args;
  const isHelp = name === "help" || name === "--help" || name === "-h";
  return isHelp && command !== undefined && more.length === 0 ? [command, "--help"] : args;
}

async function fail(platform: Platform, reason: unknown): Promise<number> {
  if (reason instanceof Interrupted) return reason.code;
  if (isBrokenPipe(reason)) return EXIT_PIPE;
  await platform.stderr.write(`updraft: ${describeFailure(reason)}\n`);
  return EXIT_ERRORS;
}

/** Whoever reads the output, such as `head`, has seen enough: no reason to complain. */
function isBrokenPipe(reason: unknown): boolean {
  const cause = reason instanceof RpcError ? reason.cause : reason;
  return cause instanceof Error && ((cause as { code?: unknown }).code === "EPIPE" || cause.name === "BrokenPipe");
}

async function usageError(platform: Platform, message: string, command?: string): Promise<number> {
  const more = command === undefined ? "updraft --help" : `updraft ${command} --help`;
  await platform.stderr.write(`updraft: ${printable(message)}\nTry ${more}\n`);
  return EXIT_USAGE;
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  const list = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`).join("");
  return `Usage: updraft COMMAND [OPTION]... [FILE]...

Commands:
${list}
updraft COMMAND --help says more about a command, updraft --version which version this is.
`;
}

/** A file that cannot be used is the user's to mend; anything else is a mistake in this program, so it comes with its stack. */
function describeFailure(reason: unknown): string {
  if (reason instanceof RpcError && reason.kind === "invalid") return printable(reason.message);
  const text = reason instanceof Error ? reason.stack ?? reason.message : String(reason);
  return `this is a bug in updraft, please report it:\n${text}`;
}
