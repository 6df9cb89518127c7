/**
 * Generated files stay below their folder on real disks, whatever links and names are there.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { symlinkSync } from "node:fs";
import { writeOutputs } from "../../cli/write_outputs.ts";
import { RpcError } from "../../lib/errors.ts";
import { type Workspace, workspace } from "../idl/proto/workspace.ts";

const PATHS = ["a.ts", "b/c.ts", "b/d/e.ts"];

/** Makes links in the output folder, and writes; what lies outside must be as it was. */
async function writeWithLinks(space: Workspace, links: Record<string, string>): Promise<string[]> {
  const { folder, platform: { files } } = space;
  for (const [path, to] of Object.entries(links)) {
    symlinkSync(to.replace("OUTSIDE", `${folder}/outside`), `${folder}/out/${path}`);
  }
  try {
    return await writeOutputs(files, `${folder}/out`, PATHS.map((path) => ({ path, text: `// ${path}\n` })));
  } finally {
    assertEquals((await files.list(`${folder}/outside`)).map(({ name }) => name), ["a.ts", "sub"]);
    assertEquals(await files.readText(`${folder}/outside/a.ts`), "theirs");
    assertEquals(await files.list(`${folder}/outside/sub`), []);
  }
}

function emptySpace(): Promise<Workspace> {
  return workspace({ "out/kept.txt": "", "outside/a.ts": "theirs" });
}

/** Links that lead out of the folder: none may be followed. */
const LEADING_OUT: Readonly<Record<string, Record<string, string>>> = {
  "a file": { "a.ts": "OUTSIDE/a.ts" },
  "a file, by a relative way": { "a.ts": "../outside/a.ts" },
  "a folder": { "b": "OUTSIDE/sub" },
  "a folder of the whole": { "b": "../outside" },
  "a chain of links": { "x": "OUTSIDE/sub", "b": "x" },
  "the root": { "b": "/" },
};

describe("writeOutputs", () => {
  for (const [name, links] of Object.entries(LEADING_OUT)) {
    it(`writes nothing through a link to ${name} outside`, async () => {
      await using space = await emptySpace();
      await space.platform.files.makeDir(`${space.folder}/outside/sub`);
      const error = await assertRejects(() => writeWithLinks(space, links), RpcError, "leads out of");
      assertEquals(error.kind, "invalid");
      const left = (await space.platform.files.list(`${space.folder}/out`)).map(({ name }) => name);
      assertEquals(left, [...Object.keys(links), "kept.txt"].sort());
    });
  }
  it("puts a file in the place of a link that leads to nothing", async () => {
    await using space = await emptySpace();
    const { folder, platform: { files } } = space;
    await files.makeDir(`${folder}/outside/sub`);
    assertEquals((await writeWithLinks(space, { "a.ts": "OUTSIDE/new.ts" })).length, 3);
    assertEquals(await files.readText(`${folder}/out/a.ts`), "// a.ts\n");
  });
  for (const [name, to] of [["to nothing", "OUTSIDE/new"], ["to itself", "b"]] as const) {
    it(`writes nothing where a folder is a link ${name}`, async () => {
      await using space = await emptySpace();
      await space.platform.files.makeDir(`${space.folder}/outside/sub`);
      await assertRejects(() => writeWithLinks(space, { "b": to }), RpcError);
    });
  }
  it("follows links that stay inside, and takes a folder that is a link itself", async () => {
    await using space = await emptySpace();
    const { folder, platform: { files } } = space;
    await files.makeDir(`${folder}/outside/sub`);
    await files.makeDir(`${folder}/out/real`);
    assertEquals((await writeWithLinks(space, { "b": "real" })).length, 3);
    assertEquals(await files.readText(`${folder}/out/real/c.ts`), "// b/c.ts\n");
    symlinkSync(`${folder}/out`, `${folder}/linked`);
    await writeOutputs(files, `${folder}/linked`, [{ path: "new.ts", text: "" }]);
    assertEquals(await files.readText(`${folder}/out/new.ts`), "");
  });
  it("takes names as long as the file system does", async () => {
    await using space = await emptySpace();
    const { folder, platform: { files } } = space;
    for (const path of ["n".repeat(255), "\u{1f600}".repeat(63), `${"a".repeat(59)}${"\u{1f600}".repeat(49)}`]) {
      await writeOutputs(files, `${folder}/out`, [{ path, text: path }]);
      assertEquals(await files.readText(`${folder}/out/${path}`), path);
    }
  });
  it("refuses names that lead out or are none, before it writes", async () => {
    await using space = await emptySpace();
    const { folder, platform: { files } } = space;
    const long = "n".repeat(256);
    const bad = [
      "../x.ts",
      "a/../../x.ts",
      "..\\x.ts",
      "/x.ts",
      "C:\\x.ts",
      "C:x.ts",
      "",
      ".",
      "a\0.ts",
      "a\n.ts",
      "a/",
      long,
    ];
    for (const path of bad) {
      const outputs = [{ path: "fine.ts", text: "" }, { path, text: "" }];
      await assertRejects(() => writeOutputs(files, `${folder}/out`, outputs), RpcError);
      assertEquals((await files.list(`${folder}/out`)).map(({ name }) => name), ["kept.txt"], path);
    }
  });
});
