/**
 * What `protoc-gen-updraft` does with its arguments, input and output.
 *
 * @module
 */
import type { Platform } from "../lib/platform.ts";
import { answerRequest } from "../idl/proto/plugin.ts";
import { EXIT_ERRORS, EXIT_FINE, EXIT_USAGE } from "./command.ts";
import { VERSION } from "./version.ts";

const HELP = `Usage: protoc-gen-updraft, as a plugin of protoc or buf

Generates the services of .proto files for @updraft/rpc, on top of the messages that protoc-gen-es generates:
x_rpc.ts beside x_pb.ts. Reads a google.protobuf.compiler.CodeGeneratorRequest from standard input and writes a
CodeGeneratorResponse to standard output.

Options, as in opt: of buf.gen.yaml or --updraft_opt of protoc:
  import_extension=ts|js|none  Ends relative imports so. Default: ts.
  runtime=MODULE               Imports the runtime from there. Default: @updraft/rpc/protobuf.
  target=ts                    The only target there is.
`;

/** Runs the plugin and gives its exit code. Never rejects. */
export async function runPlugin(platform: Platform): Promise<number> {
  const [argument] = platform.args;
  if (argument === "--version" || argument === "-v") {
    await platform.stdout.write(`protoc-gen-updraft ${VERSION}\n`);
    return EXIT_FINE;
  }
  if (argument !== undefined) {
    const asked = argument === "--help" || argument === "-h";
    await (asked ? platform.stdout : platform.stderr).write(HELP);
    return asked ? EXIT_FINE : EXIT_USAGE;
  }
  try {
    await platform.stdout.writeBytes(answerRequest(await readAll(platform.stdin)));
    return EXIT_FINE;
  } catch (reason) {
    const text = reason instanceof Error ? reason.message : String(reason);
    await platform.stderr.write(`protoc-gen-updraft: ${text}\n`);
    return EXIT_ERRORS;
  }
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}
