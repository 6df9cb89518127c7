/**
 * `updraft lsp`: the language server for editors, over standard input and output.
 *
 * @module
 */
import type { Platform } from "../../lib/platform.ts";
import { type Command, UsageError } from "../command.ts";
import type { ParsedOptions } from "../options.ts";
import { MessageReader } from "./framing.ts";
import { RpcPeer } from "./json_rpc.ts";
import { LanguageServer } from "./server.ts";

/** Longest message that is taken: a file of this size is no IDL. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** The command. */
export const lsp: Command = {
  usage: "lsp [-I DIR]...",
  description: `Serves editors by the Language Server Protocol over standard input and output: diagnostics, go to
definition, references, hover, completion, rename, document symbols, formatting. An editor starts it.
Ends with 0 after shutdown and exit, with 1 if the editor goes away without.`,
  options: [
    {
      name: "include",
      short: "I",
      value: "DIR",
      repeatable: true,
      help: "Looks for includes there, after the editor's folder and the including file's.",
    },
    { name: "stdio", help: "Changes nothing: some editors add it." },
  ],
  run,
};

async function run(platform: Platform, options: ParsedOptions): Promise<number> {
  if (options.operands.length > 0) throw new UsageError("updraft lsp takes no files: the editor says what is open");
  const server: LanguageServer = new LanguageServer(platform, options.values("include"), () => peer);
  const peer = new RpcPeer(server, (bytes) => platform.stdout.writeBytes(bytes));
  const input = platform.stdin.getReader();
  const reading = read(input, peer);
  try {
    await peer.run();
  } finally {
    server.close();
    // an open standard input keeps a process alive
    await input.cancel().catch(() => {}); // it has failed already
    await reading;
  }
  return server.exitCode ?? 1;
}

/** Reads until the input or the conversation ends; an input that fails has ended. */
async function read(input: ReadableStreamDefaultReader<Uint8Array>, peer: RpcPeer): Promise<void> {
  const messages = new MessageReader(MAX_MESSAGE_BYTES);
  try {
    for (let step = await input.read(); step.done !== true; step = await input.read()) {
      await peer.receive(messages.push(step.value));
    }
  } catch (reason) {
    peer.notify("window/logMessage", { type: 1, message: `standard input failed: ${String(reason)}` });
  } finally {
    peer.finish();
  }
}
