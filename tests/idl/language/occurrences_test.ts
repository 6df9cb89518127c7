import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { definitionAt, marked } from "./markers.ts";

const BASE = `namespace go base
/** Colors. */
enum Color { RED = 1, GREEN = 2 }
typedef Color Paint
struct Shared { 1: i64 id }
const i32 LIMIT = 7
service Parent { void ping() }
exception Oops { 1: string why }
`;

describe("going to the definition", () => {
  it("finds types, in the file and in included ones, part by part", async () => {
    const cases: [text: string, place: string | undefined][] = [
      ["struct A { 1: A|B b }\nstruct AB {}", "main.thrift:2:8"],
      ['include "base.thrift"\nstruct A { 1: base.Sha|red s }', "base.thrift:5:8"],
      ['include "base.thrift"\nstruct A { 1: ba|se.Shared s }', "base.thrift:1:1"],
      ['include "base|.thrift"\nstruct A { 1: base.Shared s }', "base.thrift:1:1"],
      ['include "base.thrift"\nstruct A { 1: map<string, list<base.Pai|nt>> s }', "base.thrift:4:15"],
      ['include "base.thrift"\ntypedef base.Col|or Mine', "base.thrift:3:6"],
      ["struct A { 1: i|32 b }", undefined],
      ["struct A { 1: Nop|e b }", undefined],
      ["struct |A { 1: i32 b }", "main.thrift:1:8"],
    ];
    for (const [text, place] of cases) {
      assertEquals(await definitionAt({ "main.thrift": text, "base.thrift": BASE }), place, text);
    }
  });
  it("finds bases, exceptions, arguments and results of services", async () => {
    const service = (text: string): Record<string, string> => ({
      "base.thrift": BASE,
      "main.thrift": `include "base.thrift"\nservice S extends ${text}`,
    });
    assertEquals(await definitionAt(service("base.Par|ent {}")), "base.thrift:7:9");
    assertEquals(await definitionAt(service("base.Parent { base.Sh|ared f() }")), "base.thrift:5:8");
    assertEquals(await definitionAt(service("base.Parent { void f(1: base.Shar|ed s) }")), "base.thrift:5:8");
    assertEquals(await definitionAt(service("base.Parent { void f() throws (1: base.O|ops s) }")), "base.thrift:8:11");
    assertEquals(await definitionAt(service("base.Parent { void f|oo(1: i32 s) }")), "main.thrift:2:38");
  });
  it("finds constants, members behind typedefs and includes, and fields of struct values", async () => {
    const cases: [text: string, place: string | undefined][] = [
      ['include "base.thrift"\nconst i32 A = base.LI|MIT', "base.thrift:6:11"],
      ['include "base.thrift"\nconst i32 A = ba|se.LIMIT', "base.thrift:1:1"],
      ['include "base.thrift"\nconst base.Color A = base.Color.RE|D', "base.thrift:3:14"],
      ['include "base.thrift"\nconst base.Color A = base.Col|or.RED', "base.thrift:3:6"],
      ['include "base.thrift"\nconst base.Color A = base.Paint.GRE|EN', "base.thrift:3:23"],
      ['include "base.thrift"\nconst base.Color A = base.Pa|int.GREEN', "base.thrift:4:15"],
      ["enum E { X }\nstruct A { 1: E e = E.|X }", "main.thrift:1:10"],
      ["enum E { X }\nstruct A { 1: E e = |E.X }", "main.thrift:1:6"],
      ["enum E { X }\nenum F { Y }\nconst E A = F.|X", "main.thrift:1:10"],
      ['struct P { 1: i32 x }\nconst P A = {"|x": 1}', "main.thrift:1:19"],
      ['struct P { 1: i32 x }\nconst list<map<string, P>> A = [{"k": {"x|": 1}}]', "main.thrift:1:19"],
      ["const i32 A = B|B\nconst i32 BB = 1", "main.thrift:2:11"],
      ["const bool A = tr|ue", undefined],
      ['struct P { 1: i32 x, 2: i32 y (vt.gt = "$|x") }', "main.thrift:1:19"],
      ['struct P { 1: i32 x } (vt.assert = "@equal($x|, 1)")', "main.thrift:1:19"],
    ];
    for (const [text, place] of cases) {
      assertEquals(await definitionAt({ "main.thrift": text, "base.thrift": BASE }), place, text);
    }
  });
  it("works in files with mistakes, for what could be read", async () => {
    assertEquals(await definitionAt("struct A { 1: B| b\n 2: }\nstruct B { 1: nope x"), "main.thrift:3:8");
    assertEquals(
      await definitionAt("struct A { 1: string }\nconst i32 = \nservice S { B| f( }\nstruct B {}"),
      "main.thrift:4:8",
    );
    assertEquals(await definitionAt("} stray\nstruct A { 1: |B b }\nstruct B {}\n(("), "main.thrift:3:8");
  });
  it("takes the first of two definitions of a name", async () => {
    assertEquals(await definitionAt("struct A {}\nenum A { X }\nstruct B { 1: A| a }"), "main.thrift:1:8");
  });
});

describe("all occurrences", () => {
  it("are found in every file, definitions marked", async () => {
    const { program, module, offset, occurrences } = await marked({
      "base.thrift": BASE,
      "a.thrift": 'include "base.thrift"\nstruct A { 1: base.Color a = base.Color.RED }',
      "main.thrift":
        'include "base.thrift"\nconst base.Color C = base.Col|or.GREEN\nconst base.Paint P = base.Paint.RED',
    });
    const found = occurrences.at(module, offset);
    const all = found === undefined ? [] : [...occurrences.everywhere(program, found.named)];
    assertEquals(
      all.map((each) => {
        const { line, column } = each.module.document.source.position(each.start);
        return `${each.module.path}:${line}:${column}${each.defines ? " defines" : ""}`;
      }).sort(),
      [
        "a.thrift:2:20",
        "a.thrift:2:35",
        "base.thrift:3:6 defines",
        "base.thrift:4:9",
        "main.thrift:2:12",
        "main.thrift:2:27",
      ],
    );
  });
  it("never overlap and have the text of what they name", async () => {
    const { program, occurrences } = await marked({
      "base.thrift": BASE + "|",
      "main.thrift": 'include "base.thrift"',
    });
    for (const module of program.modules) {
      let last = -1;
      for (const { start, end } of occurrences.of(module)) {
        assertEquals(start > last && end > start, true);
        last = end;
      }
    }
  });
});
