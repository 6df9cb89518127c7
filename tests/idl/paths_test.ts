import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  below,
  commonFolder,
  folderOf,
  isAbsolutePath,
  joinPath,
  normalizePath,
  pathProblem,
  relativePath,
  stemOf,
} from "../../idl/paths.ts";

describe("paths", () => {
  it("are normalised without leaving what they can", () => {
    const cases = [
      ["a/./b//c", "a/b/c"],
      ["a/../b", "b"],
      ["../a/..", ".."],
      ["/../a", "/a"],
      ["", "."],
      ["a\\b", "a/b"],
      ["C:\\x\\..\\y", "C:/y"],
      ["./", "."],
    ];
    for (const [path = "", normal = ""] of cases) assertEquals(normalizePath(path), normal, path);
  });
  it("are joined and taken apart", () => {
    assertEquals(joinPath("a/b", "../c"), "a/c");
    assertEquals(joinPath("a", "/c"), "/c");
    assertEquals(isAbsolutePath("C:\\x") && isAbsolutePath("/x") && !isAbsolutePath("x:y"), true);
    assertEquals([folderOf("a/b/c"), folderOf("c"), folderOf("/c")], ["a/b", ".", "/"]);
    assertEquals([stemOf("a/b.c.thrift"), stemOf("x"), stemOf(".hidden")], ["b.c", "x", ".hidden"]);
  });
  it("are below a folder or not", () => {
    assertEquals(below("a", "a/b"), "b");
    assertEquals([below("a", "ab/c"), below("a", "a"), below(".", "../x"), below(".", "/x")], [
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    assertEquals([below(".", "a/b"), below("/", "/a"), below("..", "../a")], ["a/b", "a", "a"]);
    assertEquals([below("..", "../.."), below("..", "../../a"), below("../..", "../../../a")], [
      undefined,
      undefined,
      undefined,
    ]);
  });
  it("have problems if they are no file's on some system", () => {
    const long = "\u00e9".repeat(127);
    for (const path of ["a", "a/b.c", "...", "a..", `${long}a/b`, "ab:c"]) {
      assertEquals(pathProblem(path), undefined, path);
    }
    const bad = ["a\u0000", "a\nb", "\ud800", "C:x", "c:/x", "", ".", "a/", "a/..", "a\\", `a/${long}ab`];
    for (const path of bad) assert(pathProblem(path), path);
  });
  it("lead from one to another", () => {
    assertEquals(relativePath("a/b", "a/c/d"), "../c/d");
    assertEquals(relativePath(".", "a/b"), "a/b");
    assertEquals(relativePath("a", "../x/y"), "../../x/y");
    assertEquals(relativePath("../a", "b"), "b");
    assertEquals(relativePath("a", "/x"), "/x");
  });
  it("have a folder in common", () => {
    assertEquals(commonFolder(["a/b/x", "a/c/y"]), "a");
    assertEquals(commonFolder(["a/x", "b/y"]), ".");
    assertEquals(commonFolder(["/a/x", "/b/y"]), "/");
    assertEquals(commonFolder(["x"]), ".");
    assertEquals(commonFolder([]), ".");
    assertEquals(commonFolder(["../a/x", "b/y"]), ".");
  });
});
