import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compileProto } from "../../../idl/proto/compile.ts";
import { RpcError } from "../../../lib/errors.ts";
import type { Platform } from "../../../lib/platform.ts";
import { workspace } from "./workspace.ts";

describe("compileProto", () => {
  it("compiles files with what they import, and keeps comments", async () => {
    await using space = await workspace({
      "a/x.proto":
        'syntax = "proto3"; import "b/y.proto"; import "google/protobuf/empty.proto";\n// Kept.\nmessage X { Y y = 1; google.protobuf.Empty e = 2; }',
      "lib/b/y.proto": 'syntax = "proto3"; message Y {}',
    });
    const { folder, platform, reader } = space;
    const { value, diagnostics } = await compileProto(platform, [`${folder}/a/x.proto`], reader, {
      includeDirs: [`${folder}/lib`],
    });
    assertEquals(diagnostics, []);
    assertEquals(value?.mains, ["x.proto"]);
    assertEquals(value?.set.file.map(({ name }) => name).sort(), [
      "b/y.proto",
      "google/protobuf/empty.proto",
      "x.proto",
    ]);
    const main = value?.set.file.find(({ name }) => name === "x.proto");
    assertEquals(main?.sourceCodeInfo?.location.some((place) => place.leadingComments === " Kept.\n"), true);
  });

  it("reports every error at its place, in characters", async () => {
    await using space = await workspace({
      "x.proto": 'syntax = "proto3";\nimport "no.proto";\nmessage X { /* é😀 */ Foo a = 1;\n\tBar b = 1; }\n',
    });
    const { folder, platform, reader } = space;
    const { value, diagnostics } = await compileProto(platform, [`${folder}/x.proto`], reader);
    assertEquals(value, undefined);
    assertEquals(
      diagnostics.map(({ code, line, column, endColumn, message }) =>
        `${code} ${line}:${column}-${endColumn} ${message}`
      ),
      [
        "buf/compile 2:1-19 imported file does not exist",
        "buf/compile 3:23-26 cannot find `Foo` in this scope",
        "buf/compile 4:2-5 cannot find `Bar` in this scope",
        "buf/compile 4:10-11 field number `1` used more than once",
      ],
    );
    assertEquals(diagnostics[0]?.file, `${folder}/x.proto`);
    assertStringIncludes(diagnostics[0]?.suggestion ?? "", "-I adds a folder");
  });

  it("says which files do not exist", async () => {
    await using space = await workspace({});
    const { diagnostics } = await compileProto(space.platform, [`${space.folder}/x.proto`], space.reader);
    assertEquals(diagnostics.map(({ code, message }) => [code, message]), [["UT2001", "there is no such file"]]);
  });

  it("says how to install what is missing, in the words of the runtime", async () => {
    await using space = await workspace({ "x.proto": "" });
    const { folder, reader } = space;
    for (
      const [name, command] of [["node", "npm install -D"], ["bun", "bun add -d"], ["deno", "deno add --dev"]] as const
    ) {
      // no copy of it: that would open standard input
      const platform = Object.create(space.platform, {
        name: { value: name },
        cwd: { value: () => "/no/such/folder" },
      }) as Platform;
      const error = await assertRejects(() => compileProto(platform, [`${folder}/x.proto`], reader), RpcError);
      assertEquals(error.kind, "invalid");
      assertStringIncludes(error.message, ".proto files need @bufbuild/buf, which is not installed here: " + command);
      assertStringIncludes(error.message, "@bufbuild/protoc-gen-es@2.13.0");
    }
  });
});
