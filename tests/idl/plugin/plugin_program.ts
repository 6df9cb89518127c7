/**
 * A plugin as a program, which does well or badly as its first argument says.
 *
 * @module
 */
import { decodeRequest, encodeResponse } from "../../../idl/plugin/protocol.ts";
import { autoPlatform } from "../../../transports/auto_platform.ts";

const platform = await autoPlatform();
const { args: [mode = "ok", value = ""], stdout, stderr } = platform;

async function readInput(): Promise<Uint8Array> {
  const chunks: number[] = [];
  for await (const chunk of platform.stdin) chunks.push(...chunk);
  return Uint8Array.from(chunks);
}

async function answer(contents: { content: string; name?: string; insertionPoint?: string }[]): Promise<void> {
  await stdout.writeBytes(encodeResponse({ contents, warnings: ["take care"] }));
}

switch (mode) {
  case "ok": {
    const { ast, outputPath, ...request } = decodeRequest(await readInput());
    const content = JSON.stringify({ ...request, filename: ast.filename }) + "\n// @@thriftgo_insertion_point(more)\n";
    await answer([
      { content, name: `${outputPath}/extra.txt` },
      { content: "more", insertionPoint: "more" },
      { content: "export const added = 1;\n", name: `${outputPath}/a.ts`, insertionPoint: "eof" },
    ]);
    await stderr.write("I was here\n");
    break;
  }
  case "write":
    await readInput();
    await answer([{ content: "x", name: value }]);
    break;
  case "insert":
    await readInput();
    await answer([{ content: "x", ...JSON.parse(value) }]);
    break;
  case "error":
    await readInput();
    await stdout.writeBytes(encodeResponse({ error: "no such luck", warnings: ["a warning first"] }));
    break;
  case "exit":
    await stderr.write("something broke\n");
    platform.setExitCode(3);
    break;
  case "text":
    await stdout.write("hello, I am no plugin\n");
    break;
  case "nothing":
    break;
  case "flood":
    for (;;) await stdout.write("x".repeat(65536));
  case "hang":
    setInterval(() => {}, 1 << 30);
    await stderr.write("hanging\n");
    break;
}
