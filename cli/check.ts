/**
 * `updraft check`: says what is wrong with IDL files.
 *
 * @module
 */
import { emit } from "../idl/emit/emit.ts";
import type { Platform } from "../lib/platform.ts";
import { type Command, EXIT_ERRORS, EXIT_FINE } from "./command.ts";
import { compileInput, hasErrors, INCLUDE_OPTION, report } from "./idl_input.ts";
import type { ParsedOptions } from "./options.ts";
import { countDiagnostics, plural } from "./print_diagnostics.ts";

/** The command. */
export const check: Command = {
  usage: "check FILE... [-I DIR]... [--json]",
  description: `Checks IDL files and what they include, and reports everything that is wrong with them.
Ends with 0 if there are no errors, 1 if there are, 2 if the command line cannot be understood.`,
  options: [
    INCLUDE_OPTION,
    { name: "json", help: "Prints the diagnostics to standard output as JSON, for other programs." },
  ],
  run,
};

async function run(platform: Platform, options: ParsedOptions): Promise<number> {
  const input = await compileInput(platform, options);
  const diagnostics = hasErrors(input.diagnostics)
    ? input.diagnostics
    : [...input.diagnostics, ...emit(input.program).diagnostics];
  const code = hasErrors(diagnostics) ? EXIT_ERRORS : EXIT_FINE;
  if (options.has("json")) {
    await platform.stdout.write(JSON.stringify({ diagnostics }, undefined, 2) + "\n");
    return code;
  }
  await report(platform, input, diagnostics);
  const counts = countDiagnostics(diagnostics);
  await platform.stderr.write(`${plural(input.program.modules.length, "file")} checked: ${counts || "no problems"}\n`);
  return code;
}
