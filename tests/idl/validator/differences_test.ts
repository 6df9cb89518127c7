/**
 * Where validators differ from those of Go's thrift-gen-validator, one test for each entry of the list in docs/validator.md.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compile } from "../../../idl/compile.ts";
import { memoryReader } from "../../../idl/load.ts";
import { RuleInterpreter } from "../../../idl/validator/interpret.ts";
import { readRules } from "../../../idl/validator/read_rules.ts";
import { readFileSync } from "node:fs";
import { ROOT } from "../../run_program.ts";

/** A validator for the struct `S` of a file; errors in its rules are given back instead. */
async function validatorOf(text: string): Promise<((value: unknown) => string[]) | string[]> {
  const { value: program } = await compile(["main.thrift"], memoryReader({ "main.thrift": text }));
  const errors: string[] = [];
  const rules = readRules(program, { error: (code) => void errors.push(code), warning: () => {} });
  const def = program.mains[0]?.definitions.find((each) => each.name === "S");
  if (errors.length > 0 || def === undefined || !("fields" in def)) return errors;
  const interpreter = new RuleInterpreter(rules);
  return (value) => interpreter.validate(def, value).map(({ path, rule }) => `${path} ${rule}`);
}

/** What each entry of the list is shown by: the IDL, then values with what is found, or the error of the IDL. */
const DIFFERENCES: Readonly<
  Record<string, readonly [string, ...(readonly [unknown, ...string[]])[]] | readonly [string, string]>
> = {
  "every broken rule is reported": [
    'struct S { 1: i32 a (vt.gt = "5", vt.not_in = "1") 2: i32 b (vt.gt = "5") }',
    [{ a: 1, b: 2 }, "a gt", "a not_in", "b gt"],
  ],
  "containers of structs are always looked into": [
    'struct In { 1: i32 a (vt.gt = "5") } struct S { 1: list<In> l 2: map<string, In> m 3: list<In> s (vt.elem.skip = "true") }',
    [{ l: [{ a: 9 }, { a: 1 }], m: new Map([["k", { a: 1 }]]), s: [{ a: 1 }] }, "l[1].a gt", 'm["k"].a gt'],
  ],
  "absent containers and binaries have no size": [
    'struct S { 1: optional list<i32> l (vt.min_size = "1") 2: optional binary b (vt.min_size = "1") }',
    [{}],
    [{ l: [], b: new Uint8Array() }, "l min_size", "b min_size"],
  ],
  "`not_nil` is for every type": [
    'struct S { 1: optional list<i32> l (vt.not_nil = "true") 2: optional map<i32, i32> m (vt.not_nil = "true") 3: string s (vt.not_nil = "true") }',
    [{ s: "" }, "l not_nil", "m not_nil"],
  ],
  "a comparison with an absent field holds": [
    'struct S { 1: i32 a (vt.gt = "$b", vt.const = "$b", vt.in = "$b", vt.not_in = "$b") 2: optional i32 b }',
    [{ a: 1 }],
    [{ a: 1, b: 1 }, "a gt", "a not_in"],
  ],
  "functions count in `in` and `not_in`": [
    'struct S { 1: i32 a (vt.in = "@len($s)") 2: string s 3: i32 b (vt.not_in = "@len($s)") }',
    [{ a: 2, s: "ab", b: 1 }],
    [{ a: 1, s: "ab", b: 2 }, "a in", "b not_in"],
  ],
  "numbers and calls count in `@sprintf`": [
    "struct S { 1: string a (vt.const = \"@sprintf('%d-%d', 7, @len($a))\") }",
    [{ a: "7-3" }],
    [{ a: "7-4" }, "a const"],
  ],
  "strings can be compared by `@equal`": [
    "struct S { 1: string a } (vt.assert = \"@equal($a, 'x')\")",
    [{ a: "x" }],
    [{ a: "y" }, " assert"],
  ],
  "numbers of different types are compared exactly": [
    'struct S { 1: i8 a (vt.lt = "$b") 2: i64 b 3: i32 c (vt.lt = "$d") 4: double d }',
    [{ a: 100, b: 300n, c: 1, d: 1.5 }],
  ],
  "sums do not overflow": [
    'struct S { 1: i64 a (vt.lt = "@add($b, 2)") 2: i64 b }',
    [{ a: 1n, b: 2n ** 63n - 1n }],
  ],
  "NaN breaks every comparison": [
    'struct S { 1: double a (vt.gt = "1") }',
    [{ a: NaN }, "a gt"],
  ],
  "`@mod` by zero breaks what asks for it": [
    'struct S { 1: i32 a 2: i32 b } (vt.assert = "@equal(@mod($a, $b), 0)")',
    [{ a: 4, b: 0 }, " assert"],
  ],
  '`no_sparse = "false"` asks for nothing': [
    'struct In {} struct S { 1: map<string, In> m (vt.no_sparse = "false") 2: map<string, i32> n (vt.no_sparse = "true") }',
    [{ m: new Map([["a", undefined]]), n: new Map([["b", undefined]]) }, 'n["b"] no_sparse'],
  ],
  "whole numbers of every type can be asserted": [
    'struct S { 1: i32 a 2: string s } (vt.assert = "@equal(@mod($a, 2), 0)", vt.assert = "@equal(@len($s), 1)")',
    [{ a: 1, s: "" }, " assert", " assert"],
    [{ a: 2, s: "x" }],
  ],
  "an enum can be compared with a field": [
    'enum E { A B } struct S { 1: E a (vt.const = "$b") 2: E b }',
    [{ a: 0, b: 1 }, "a const"],
    [{ a: 1, b: 1 }],
  ],
  "what is inside a typedef of a container can have rules": [
    'typedef list<i32> L struct S { 1: L a (vt.elem.gt = "0") }',
    [{ a: [1, 0] }, "a[1] gt"],
  ],
  "of a binary it counts code points": [
    'struct S { 1: binary b (vt.max_rune_size = "1") }',
    [{ b: new TextEncoder().encode("é") }],
    [{ b: new TextEncoder().encode("éa") }, "b max_rune_size"],
  ],
  "verbs other than those above (`%c`, `%q`) are errors": [
    "struct S { 1: string s (vt.const = \"@sprintf('%q', $t)\") 2: string t }",
    "validator/bad-function",
  ],
  "a bool can be asserted": [
    'struct S { 1: bool a } (vt.assert = "$a")',
    [{ a: false }, " assert"],
  ],
  "a member that is not of the enum is an error": [
    'enum E { A } struct S { 1: E e (vt.in = "E.B") }',
    "validator/bad-value",
  ],
  "a number out of range is an error": ['struct S { 1: i8 a (vt.gt = "300") }', "validator/bad-value"],
  "a wrong regular expression is an error": ['struct S { 1: string s (vt.pattern = "(") }', "validator/bad-pattern"],
  "a pattern cannot come with the value": [
    'struct S { 1: string s (vt.pattern = "$t") 2: string t }',
    "validator/bad-pattern",
  ],
  "`min_rune_size` of a map is an error": [
    'struct S { 1: map<i32, i32> m (vt.min_rune_size = "1") }',
    "validator/wrong-type",
  ],
  "what follows a rule's name is an error": ['struct S { 1: i32 a (vt.gt.x = "1") }', "validator/unknown-rule"],
  "an enum cannot be formatted by name": [
    "enum E { A } struct S { 1: string s (vt.const = \"@sprintf('%v', $e)\") 2: E e }",
    "validator/bad-function",
  ],
  "strings and binaries do not mix": [
    'struct S { 1: string s (vt.const = "$b") 2: binary b }',
    "validator/wrong-operand",
  ],
};

describe("differences from thrift-gen-validator", () => {
  for (const [name, [text, ...cases]] of Object.entries(DIFFERENCES)) {
    it(name, async () => {
      const validator = await validatorOf(text);
      if (typeof validator !== "function") return assertEquals<unknown>(validator, cases);
      for (const [value, ...expected] of cases as [unknown, ...string[]][]) assertEquals(validator(value), expected);
    });
  }
  it("of arguments: rules may stand there", async () => {
    const text = 'service X { void f(1: string s (vt.min_size = "1")) }';
    const { value: program } = await compile(["main.thrift"], memoryReader({ "main.thrift": text }));
    const rules = readRules(program, { error: () => {}, warning: () => {} });
    const def = program.mains[0]?.definitions[0];
    assert(def?.kind === "service");
    const service = { name: "X", payload: "thrift" as const, methods: [] };
    const validators = new RuleInterpreter(rules).service(def, service);
    assertEquals(validators.methods.f?.args?.({ s: "" }).map(({ path }) => path), ["s"]);
  });
  it("are all in the documentation", () => {
    const text = readFileSync(`${ROOT}/docs/validator.md`, "utf8").replaceAll(/\s+/g, " ").toLowerCase();
    assertEquals(
      [...Object.keys(DIFFERENCES), "rules may stand there"].filter((name) => !text.includes(name.toLowerCase())),
      [],
    );
  });
});
