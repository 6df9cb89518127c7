/**
 * A plugin that is a program and speaks Thriftgo's protocol: `thrift-gen-validator`, for one.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Platform } from "../../lib/platform.ts";
import type { Program } from "../model.ts";
import { type ProcessOutcome, runProcess } from "../run_process.ts";
import { applyResponse } from "./apply_response.ts";
import { describeModule } from "./describe_program.ts";
import type { PluginResponse } from "./gen/protocol.ts";
import type { Plugin, PluginContext } from "./plugin.ts";
import { decodeResponse, encodeRequest, MAX_PLUGIN_BYTES } from "./protocol.ts";

/** What a program is told beside the files. */
export interface ProcessPluginSettings {
  /** What messages call it. */
  readonly name: string;
  /** The program, a path or a name to look up in PATH, and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Its options, each `key=value`. */
  readonly parameters: readonly string[];
  /** The language it is to think of, such as `go`. */
  readonly language: string;
  /** Options of that language, each `key=value`. */
  readonly generatorParameters: readonly string[];
  /** The output folder. */
  readonly outputPath: string;
  /** Milliseconds it may take; 0 for no limit. */
  readonly timeLimitMs: number;
  /** The version that it is told. */
  readonly version: string;
}

/** Makes a plugin that runs the program once for each file asked for, one after the other. */
export function processPlugin(
  platform: Pick<Platform, "spawn" | "onSignal" | "cwd">,
  settings: ProcessPluginSettings,
): Plugin {
  const { name, command, outputPath, timeLimitMs } = settings;
  let program: Program | undefined;
  return {
    name,
    onProgram(checked) {
      program = checked;
    },
    async onOutput(output, context) {
      for (const main of program?.mains ?? []) {
        const input = encodeRequest({
          version: settings.version,
          generatorParameters: [...settings.generatorParameters],
          pluginParameters: [...settings.parameters],
          language: settings.language,
          outputPath,
          recursive: true,
          ast: describeModule(main),
        });
        const maxOutputBytes = MAX_PLUGIN_BYTES;
        const outcome = await runProcess(platform, { name: "it", command, input, timeLimitMs, maxOutputBytes });
        const response = responseOf(outcome, context);
        for (const warning of response.warnings ?? []) context.note(warning);
        if (response.error !== undefined && response.error !== "") throw new RpcError("invalid", response.error);
        applyResponse(output, response, { cwd: platform.cwd(), outputPath });
      }
    },
  };
}

function responseOf({ code, stdout, stderr }: ProcessOutcome, context: PluginContext): PluginResponse {
  const said = stderr.trim() === "" ? "" : `\nits standard error:\n${stderr.trimEnd()}`;
  if (code !== 0) throw new RpcError("invalid", `it ended with exit code ${code}${beginningOf(stdout)}${said}`);
  let response: PluginResponse;
  try {
    response = decodeResponse(stdout);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RpcError("invalid", `its answer cannot be read: ${why}${beginningOf(stdout)}${said}`, { cause });
  }
  if (said !== "") context.note(`its standard error:\n${stderr.trimEnd()}`);
  return response;
}

/** How much of what cannot be read is shown. */
const SHOWN_BYTES = 80;

function beginningOf(stdout: Uint8Array): string {
  if (stdout.length === 0) return ", it wrote nothing";
  const text = new TextDecoder().decode(stdout.subarray(0, SHOWN_BYTES));
  return `, its output begins with ${JSON.stringify(text)}`;
}
