import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { rename } from "../../../idl/language/rename.ts";
import { marked } from "./markers.ts";

/** The texts after the rename, or why it was refused. */
async function renamed(files: string | Record<string, string>, name: string): Promise<Record<string, string> | string> {
  const { program, module, offset, occurrences } = await marked(files);
  const found = occurrences.at(module, offset);
  if (found === undefined) return "nothing there";
  const outcome = rename(program, occurrences, found.named, name);
  if ("refused" in outcome) return outcome.refused;
  return Object.fromEntries(program.modules.map(({ path, document }) => {
    const own = outcome.places.filter((place) => place.module.path === path).sort((a, b) => b.start - a.start);
    let { text } = document.source;
    for (const { start, end } of own) text = text.slice(0, start) + name + text.slice(end);
    return [path, text];
  }));
}

describe("rename", () => {
  it("changes every place, in all files, whatever the name is part of", async () => {
    assertEquals(
      await renamed({
        "base.thrift": "enum Co|lor { RED }\ntypedef Color Paint\nstruct P { 1: Color c = Color.RED }",
        "a.thrift": 'include "base.thrift"\nconst base.Color X = base.Color.RED\nconst base.Color Y = base.Paint.RED',
      }, "Hue"),
      {
        "base.thrift": "enum Hue { RED }\ntypedef Hue Paint\nstruct P { 1: Hue c = Hue.RED }",
        "a.thrift": 'include "base.thrift"\nconst base.Hue X = base.Hue.RED\nconst base.Hue Y = base.Paint.RED',
      },
    );
    assertEquals(
      await renamed('struct P { 1: i32 x, 2: i32 y (vt.gt = "$x") }\nconst P A = {"|x": 1}', "left"),
      { "main.thrift": 'struct P { 1: i32 left, 2: i32 y (vt.gt = "$left") }\nconst P A = {"left": 1}' },
    );
    assertEquals(await renamed("enum E { A, B }\nconst E X = E.|A", "C"), {
      "main.thrift": "enum E { C, B }\nconst E X = E.C",
    });
    assertEquals(await renamed("service S { void |f() }", "g"), { "main.thrift": "service S { void g() }" });
    assertEquals(await renamed("service |S {}\nservice T extends S {}", "U"), {
      "main.thrift": "service U {}\nservice T extends U {}",
    });
  });
  it("refuses words of the language and what is no name", async () => {
    for (const name of ["struct", "i32", "map", "required", "true"]) {
      assertEquals(await renamed("struct |A {}", name), `${name} is a word of the language`);
    }
    for (const name of ["", "1a", "a.b", "a b", "ä"]) {
      assertStringIncludes(String(await renamed("struct |A {}", name)), "is not a name");
    }
  });
  it("refuses names that are taken, where the clash would be", async () => {
    assertStringIncludes(String(await renamed("struct |A {}\nenum B { X }", "B")), "B is defined twice");
    assertStringIncludes(
      String(await renamed("struct A { 1: i32 |a, 2: i32 b }", "b")),
      "b is there twice in struct A",
    );
    assertStringIncludes(String(await renamed("enum E { |A, B }", "B")), "E.B is defined twice");
    assertStringIncludes(String(await renamed("service S { void |f() void g() }", "g")), "S.g is defined twice");
    assertStringIncludes(
      String(
        await renamed({
          "base.thrift": "service P { void |f() }",
          "a.thrift": 'include "base.thrift"\nservice S extends base.P { void g() }',
        }, "g"),
      ),
      "a.thrift:2:33 would be wrong then: S has g from P already",
    );
  });
  it("refuses a name by which references would come to mean something else", async () => {
    // two includes of one prefix: the first that defines the name wins
    const outcome = await renamed({
      "x/base.thrift": "struct |A {}",
      "y/base.thrift": "struct B {}",
      "main.thrift": 'include "x/base.thrift"\ninclude "y/base.thrift"\nstruct S { 1: base.A a, 2: base.B b }',
    }, "B");
    assertEquals(typeof outcome, "string");
  });
  it("does not mind mistakes that are there already", async () => {
    assertEquals(await renamed("struct |A { 1: Nope n, 2: A a", "B"), {
      "main.thrift": "struct B { 1: Nope n, 2: B a",
    });
  });
  it("takes the same name as nothing to do, and refuses files", async () => {
    assertEquals(await renamed("struct |A {}", "A"), { "main.thrift": "struct A {}" });
    assertStringIncludes(
      String(
        await renamed({ "b.thrift": "struct A {}", "main.thrift": 'include "b.thrift"\nstruct S { 1: |b.A a }' }, "c"),
      ),
      "rename the file",
    );
  });
});
