import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { load, type LoadOptions, memoryReader, UnreadableSource } from "../../idl/load.ts";
import { codesOf, LOCKED } from "./checks.ts";

describe("load", () => {
  it("looks in the working directory, then beside the file, then in the include folders in order", async () => {
    const both = { "d/main.thrift": 'include "b.thrift"', "i/b.thrift": "", "j/b.thrift": "" };
    const options = { includeDirs: ["i", "j"] };
    assertEquals(await paths({ ...both, "d/b.thrift": "", "b.thrift": "" }, options), ["b.thrift", "d/main.thrift"]);
    assertEquals(await paths({ ...both, "d/b.thrift": "" }, options), ["d/b.thrift", "d/main.thrift"]);
    assertEquals(await paths(both, options), ["i/b.thrift", "d/main.thrift"]);
    assertEquals(await paths(both, { includeDirs: ["j", "i"] }), ["j/b.thrift", "d/main.thrift"]);
  });
  it("warns when the working directory hides the file beside", async () => {
    const { diagnostics } = await load(
      ["d/main.thrift"],
      memoryReader({ "d/main.thrift": 'include "b.thrift"', "d/b.thrift": "", "b.thrift": "" }),
    );
    assertEquals(diagnostics.map((d) => d.code), ["UT2003"]);
  });
  it("reads a file once, however it is named", async () => {
    const files = {
      "main.thrift": 'include "x/b.thrift" include "./x/../x/b.thrift" include "/w/x/b.thrift"',
      "x/b.thrift": "",
    };
    assertEquals(await paths(files, { cwd: "/w" }, "/w/main.thrift"), ["x/b.thrift", "main.thrift"]);
  });
  it("takes a long chain and a deep diamond in linear time", async () => {
    const files: Record<string, string> = {};
    for (let i = 0; i < 2000; i++) files[`f${i}.thrift`] = `include "f${i + 1}.thrift" include "f${i + 2}.thrift"`;
    files["f2000.thrift"] = files["f2001.thrift"] = "";
    assertEquals((await paths(files, {}, "f0.thrift")).length, 2002);
  });
  it("reports files that are not there, cycles and unused includes", async () => {
    assertEquals(await codesOf('include "nope.thrift"'), ["UT2001 1:9"]);
    assertEquals(await codesOf({}), ["UT2001 1:1"]);
    assertEquals(await codesOf('include "main.thrift"'), ["UT2004 1:1", "UT2002 1:9"]);
    assertEquals(await codesOf({ "main.thrift": 'include "b.thrift"', "b.thrift": 'include "main.thrift"' }), [
      "UT2004 b.thrift:1:1",
      "UT2002 b.thrift:1:9",
      "UT2004 1:1",
    ]);
    assertEquals(await codesOf('include ""'), []);
  });
  it("reports a file that cannot be read where it is named, and goes on", async () => {
    assertEquals(await codesOf(`include "${LOCKED}" struct A { 1: B b }`), ["UT2005 1:9", "UT3002 1:39"]);
    const { diagnostics } = await load([LOCKED], {
      read: () => Promise.reject(new UnreadableSource(new Error("cannot read it"))),
    });
    assertEquals(diagnostics.map(({ code, message }) => [code, message]), [["UT2005", "cannot read it"]]);
    await assertRejects(() => load([LOCKED], { read: () => Promise.reject(new TypeError("other")) }), TypeError);
  });
});

async function paths(
  files: Readonly<Record<string, string>>,
  options: LoadOptions = {},
  main = "d/main.thrift",
): Promise<string[]> {
  const { value } = await load([main], memoryReader(files), options);
  return value.files.map((file) => file.path);
}
