import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { docOf } from "../../../idl/doc_comments.ts";
import { parse } from "../../../idl/parser.ts";
import { findingsIn } from "./lint_files.ts";

const CONFIG = {
  extends: "none",
  rules: { "type-name": "warn", "required-field": "warn", "ignore-unused": "warn", "ignore-malformed": "warn" },
};

/** `RULE line` of each finding. */
async function rulesIn(text: string, config: unknown = CONFIG): Promise<string[]> {
  return (await findingsIn(text, config)).map(({ rule, line }) => `${rule} ${line}`);
}

describe("comments that silence rules", () => {
  it("are for their own line when there is something on it, and that line alone", async () => {
    assertEquals(await rulesIn("struct a {} // updraft-lint-ignore type-name old\nstruct b {}"), ["type-name 2"]);
    assertEquals(await rulesIn("/* updraft-lint-ignore type-name old */ struct a {}\nstruct b {}"), ["type-name 2"]);
  });
  it("are for the next line of the IDL when they stand alone", async () => {
    const text =
      "// updraft-lint-ignore type-name old\n\n/** Of a. */\nstruct a {\n  1: required i32 x\n}\nstruct b {}";
    assertEquals(await rulesIn(text), ["required-field 5", "type-name 7"]);
  });
  it("are for the file, wherever they are", async () => {
    assertEquals(await rulesIn("struct a {}\nstruct b {}\n# updraft-lint-ignore-file UL1001 old"), []);
  });
  it("name several rules with commas, by name or code", async () => {
    assertEquals(await rulesIn("struct a { 1: required i32 x } // updraft-lint-ignore UL1001, required-field old"), []);
    const text = "// updraft-lint-ignore UL1001 , required-field,ignore-unused old\nstruct a { 1: required i32 x }";
    assertEquals(await rulesIn(text), ["ignore-unused 1"]);
  });
  it("must silence something, name rules that exist, and give a reason", async () => {
    assertEquals(await rulesIn("// updraft-lint-ignore type-name old\nstruct A {}"), ["ignore-unused 1"]);
    assertEquals(await rulesIn("// updraft-lint-ignore typename old\nstruct a {}"), [
      "ignore-malformed 1",
      "type-name 2",
    ]);
    assertEquals(await rulesIn("// updraft-lint-ignore type-name\nstruct a {}"), ["ignore-malformed 1"]);
    assertEquals(await rulesIn("// updraft-lint-ignore\nstruct A {}"), ["ignore-malformed 1"]);
    assertEquals(await rulesIn("// updraft-lint-ignore-next-line type-name old\nstruct a {}"), [
      "ignore-malformed 1",
      "type-name 2",
    ]);
    const [found] = await findingsIn("// updraft-lint-ignore typename old\nstruct A {}", CONFIG);
    assertEquals([found?.message, found?.suggestion], ["there is no rule typename", "did you mean type-name?"]);
  });
  it("may name a rule that is off", async () => {
    assertEquals(await rulesIn("// updraft-lint-ignore enum-zero old\nenum E { A = 1 }"), []);
  });
  it("are only those that say so in full", async () => {
    assertEquals(await rulesIn("// updraft-lint-ignores type-name old\nstruct a {}"), ["type-name 2"]);
    assertEquals(await rulesIn("const string A = '// updraft-lint-ignore-file type-name x'\nstruct a {}"), [
      "type-name 2",
    ]);
  });
  it("are no documentation", () => {
    const document = parse("a", "// updraft-lint-ignore type-name old\n// Of a.\nstruct a {}").value;
    assertEquals(docOf(document, document.definitions[0]!), "Of a.");
  });
});
