import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { matchesAny } from "../../idl/glob.ts";

describe("globs", () => {
  const cases: [glob: string, taken: string[], left: string[]][] = [
    ["a.thrift", ["a.thrift"], ["b/a.thrift", "a_thrift", "a.thrifts"]],
    ["third_party", ["third_party/a.thrift", "third_party/b/c"], ["third_party2/a", "x/third_party/a"]],
    ["./x/", ["x/a"], ["y/x/a"]],
    ["*.thrift", ["a.thrift"], ["b/a.thrift"]],
    ["**/*.thrift", ["a.thrift", "b/c/a.thrift"], ["a.txt"]],
    ["a/**/b", ["a/b", "a/x/y/b/c"], ["ab"]],
    ["gen/**", ["gen/a/b"], ["genx/a"]],
    ["a?c", ["abc"], ["a/c", "ac"]],
    ["(x|y)[z]+", ["(x|y)[z]+"], ["x", "xz"]],
    ["../up/*", ["../up/a"], ["up/a"]],
  ];
  for (const [glob, taken, left] of cases) {
    it(glob, () => {
      assertEquals([...taken, ...left].filter((path) => matchesAny([glob], path)), taken);
    });
  }
});
