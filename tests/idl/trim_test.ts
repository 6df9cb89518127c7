import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { emit } from "../../idl/emit/emit.ts";
import { trim } from "../../idl/trim.ts";
import { compileText } from "./checks.ts";

const FILES = {
  "main.thrift": `include "base.thrift"
include "other.thrift"
struct Request { 1: Alias a; 2: list<map<string, Inner>> b }
struct Inner { 1: optional Inner again; 2: Level level }
typedef base.Thing Alias
enum Level { LOW }
struct Alone { 1: other.Far far }
exception Bad {}
exception Worse {}
const i32 LIMIT = 1
const Inner PRESET = {"level": Level.LOW}
service Api extends base.Base {
  void one(1: Request request) throws (1: Bad bad)
  other.Far two() throws (1: Worse worse)
}
service Late extends Api {}
`,
  "base.thrift": "struct Thing {} struct Idle {} service Base { Idle idle() void ping() }",
  "other.thrift": "struct Far {}",
};

async function kept(...names: string[]): Promise<Record<string, string[]>> {
  const { value } = trim((await compileText(FILES)).value, names);
  return Object.fromEntries(value.modules.map((module) => [
    module.path,
    module.definitions.map((def) =>
      def.kind === "service" ? `${def.name}(${def.methods.map((method) => method.name).join(", ")})` : def.name
    ),
  ]));
}

describe("trim", () => {
  it("keeps what a method needs, however deep", async () => {
    assertEquals(await kept("Api.one"), {
      "base.thrift": ["Thing", "Base()"],
      "main.thrift": ["Request", "Inner", "Alias", "Level", "Bad", "Api(one)"],
    });
  });
  it("keeps a whole service with its bases", async () => {
    assertEquals(await kept("Api"), {
      "base.thrift": ["Thing", "Idle", "Base(idle, ping)"],
      "other.thrift": ["Far"],
      "main.thrift": ["Request", "Inner", "Alias", "Level", "Bad", "Worse", "Api(one, two)"],
    });
  });
  it("finds methods of bases, and definitions of included files", async () => {
    assertEquals(await kept("Late.ping", "Far"), {
      "base.thrift": ["Base(ping)"],
      "other.thrift": ["Far"],
      "main.thrift": ["Api()", "Late()"],
    });
    assertEquals(await kept("PRESET"), { "main.thrift": ["Inner", "Level", "PRESET"] });
  });
  it("reports names that are not there", async () => {
    const { diagnostics } = trim((await compileText(FILES)).value, [
      "Api.on",
      "Nope",
      "Late.pin",
      "ping",
      "other.Far",
      "Api.one.more",
    ]);
    assertEquals(diagnostics.map((d) => [d.code, d.file, d.suggestion]), [
      ["UT6005", "", "did you mean Api.one?"],
      ["UT6005", "", undefined],
      ["UT6005", "", "did you mean Late.ping?"],
      ["UT6005", "", "did you mean Base.ping?"],
      ["UT6005", "", "did you mean Far?"],
      ["UT6005", "", undefined],
    ]);
  });
  it("leaves generated files that import only what is there", async () => {
    const { value, diagnostics } = emit((await compileText(FILES)).value, { trim: ["Far"] });
    assertEquals(diagnostics, []);
    assertEquals(value.map(({ path, text }) => [path, text.endsWith("*/\n\nexport {};\n")]), [
      ["other.ts", false],
      ["main.ts", true],
    ]);
  });
});
