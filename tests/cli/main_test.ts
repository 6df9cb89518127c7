import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Platform } from "../../lib/platform.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";

describe("the program", () => {
  it("generates, checks and fails with the right exit codes on this runtime", async () => {
    const platform = await autoPlatform();
    const folder = await platform.files.makeTempDir("updraft-cli-");
    try {
      const echo = "tests/interop/echo.thrift";
      const wrote = await updraft(platform, ["gen", echo, "-o", folder]);
      assertEquals(wrote.code, 0, wrote.err);
      const text = await platform.files.readText(`${folder}/echo.ts`);
      assertEquals(text, await platform.files.readText("tests/interop/gen/echo.ts"));
      assertEquals((await updraft(platform, ["gen", echo, "-o", folder, "--check"])).code, 0);
      await platform.files.write(`${folder}/bad.thrift`, "struct A { 1: Nope a }");
      const failed = await updraft(platform, ["check", `${folder}/bad.thrift`]);
      assertEquals(failed.code, 1);
      assertStringIncludes(failed.err, "bad.thrift:1:15: error UT3002: type Nope is not defined");
      assertEquals((await updraft(platform, ["frobnicate"])).code, 2);
      assertMatch((await updraft(platform, ["--version"])).out, /^updraft \d+\.\d+\.\d+ \((deno|bun|node)\)\n$/);
    } finally {
      await platform.files.remove(folder);
    }
  });
});

async function updraft(
  platform: Platform,
  args: readonly string[],
): Promise<{ code: number; out: string; err: string }> {
  const flags = { deno: ["run", "-A"], bun: [], node: ["--import", "tsx"] }[platform.name];
  const child = await platform.spawn(platform.execPath, [...flags, "cli/main.ts", ...args], { env: { NO_COLOR: "1" } });
  await child.stdin.close();
  const [out, err, { code }] = await Promise.all([textOf(child.stdout), textOf(child.stderr), child.exited]);
  return { code, out, err };
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream as ReadableStream).text();
}
