import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { memoryReader } from "../../../idl/load.ts";
import { loadProto, type ProtoFileSet } from "../../../idl/proto/load.ts";

function load(paths: string[], files: Record<string, string>, ...includeDirs: string[]): Promise<ProtoFileSet> {
  return loadProto(paths, memoryReader(files), { includeDirs, cwd: "/project" });
}

function found({ files }: ProtoFileSet): string[] {
  return [...files.values()].map(({ name, path }) => `${name} at ${path}`);
}

describe("loadProto", () => {
  it("names files from the folder that they share", async () => {
    const set = await load(["idl/v1/a.proto", "/project/idl/b.proto"], {
      "idl/v1/a.proto": 'import "b.proto";',
      "idl/b.proto": "",
    });
    assertEquals(set.mains, ["v1/a.proto", "b.proto"]);
    assertEquals(found(set), ["v1/a.proto at idl/v1/a.proto", "b.proto at idl/b.proto"]);
  });

  it("names files from the first include folder that has them, also where folders lie in one another", async () => {
    const set = await load(
      ["idl/a.proto"],
      { "idl/a.proto": 'import "x/y.proto";', "idl/third/x/y.proto": "" },
      "idl/third",
      ".",
    );
    assertEquals(set.mains, ["idl/a.proto"]);
    assertEquals(found(set), ["idl/a.proto at idl/a.proto", "x/y.proto at idl/third/x/y.proto"]);
  });

  it("adds the folder of files that no include folder has", async () => {
    const set = await load(["api/a.proto"], { "api/a.proto": 'import "c.proto";', "third/c.proto": "" }, "third");
    assertEquals([set.mains, set.roots], [["a.proto"], ["third", "api"]]);
  });

  it("leaves out what is not there, and says which files asked for are not", async () => {
    const set = await load(["a.proto", "b.proto"], {
      "a.proto": 'import "nope.proto"; import "google/protobuf/any.proto";',
    });
    assertEquals([set.mains, set.missing, set.files.size], [["a.proto"], ["b.proto"], 1]);
  });

  it("reads nothing outside of the include folders", async () => {
    const set = await load(["d/a.proto"], {
      "d/a.proto": 'import "../b.proto"; import "/project/b.proto"; import "x/../../b.proto"; import "x/../a.proto";',
      "b.proto": "",
    });
    assertEquals(found(set), ["a.proto at d/a.proto"]);
  });

  it("follows files that import each other once", async () => {
    const set = await load(["a.proto"], { "a.proto": 'import "b.proto";', "b.proto": 'import "a.proto";' });
    assertEquals(set.files.size, 2);
  });
});
