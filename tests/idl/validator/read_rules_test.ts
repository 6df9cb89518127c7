import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compile } from "../../../idl/compile.ts";
import { memoryReader } from "../../../idl/load.ts";
import { VALIDATOR_CODES } from "../../../idl/validator/codes.ts";
import { readRules } from "../../../idl/validator/read_rules.ts";

interface Found {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly at: string;
  readonly message: string;
  readonly suggestion: string | undefined;
}

/** What is reported about the rules of a file that is fine otherwise. */
async function problemsOf(text: string, functions: string[] = []): Promise<Found[]> {
  const { value, diagnostics } = await compile(["main.thrift"], memoryReader({ "main.thrift": text }));
  assertEquals(diagnostics.filter((d) => d.severity === "error").map((d) => d.message), []);
  const found: Found[] = [];
  const note = (severity: Found["severity"]): Parameters<typeof readRules>[1]["error"] =>
  (
    code,
    document,
    span,
    message,
    extra,
  ) => {
    const at = document.source.text.slice(span.start, span.end);
    found.push({ code, severity, at, message, suggestion: extra?.suggestion });
  };
  readRules(value, { error: note("error"), warning: note("warning") }, functions);
  return found;
}

const field = (type: string, rules: string): string =>
  `enum E { A, B }\nstruct In {}\nstruct S { 1: optional ${type} a (${rules}) 2: i32 n 3: string s 4: list<i32> li 5: E e 6: double d }`;

/** For each code, rules that give it: with the stretch that is marked, and a part of the suggestion. */
const WRONG: readonly (readonly [code: string, type: string, rules: string, at: string, suggestion?: string])[] = [
  ["unknown-rule", "i32", 'vt.gtt = "1"', "vt.gtt", "did you mean gt?"],
  ["unknown-rule", "i32", 'vt.gt.x = "1"', "vt.gt.x", "write vt.gt"],
  ["unknown-rule", "list<i32>", 'vt.elem = "1"', "vt.elem"],
  ["unknown-rule", "list<i32>", 'vt.elem.foo = "1"', "vt.elem.foo", "rules for i32"],
  ["wrong-type", "i32", 'vt.min_size = "1"', "vt.min_size", "rules for i32: const, in"],
  ["wrong-type", "string", 'vt.gt = "1"', "vt.gt"],
  ["wrong-type", "list<i32>", 'vt.const = "1"', "vt.const"],
  ["wrong-type", "list<i32>", 'vt.elem.prefix = "1"', "vt.elem.prefix"],
  ["wrong-type", "map<i32, string>", 'vt.min_rune_size = "1"', "vt.min_rune_size"],
  ["wrong-type", "In", 'vt.in = "1"', "vt.in"],
  ["wrong-type", "bool", 'vt.in = "1"', "vt.in"],
  ["bad-value", "i32", 'vt.gt = "1.5"', '"1.5"'],
  ["bad-value", "i8", 'vt.gt = "300"', '"300"'],
  ["bad-value", "i32", "vt.gt", "vt.gt", 'write vt.gt = "..."'],
  ["bad-value", "double", 'vt.gt = "NaN"', '"NaN"'],
  ["bad-value", "double", 'vt.gt = "1__0"', '"1__0"'],
  ["bad-value", "double", 'vt.gt = "1_.5"', '"1_.5"'],
  ["bad-value", "bool", 'vt.const = "yes"', '"yes"', "true or false"],
  ["bad-value", "bool", 'vt.not_nil = "yes"', '"yes"'],
  ["bad-value", "E", 'vt.const = "A"', '"A"', "write E.A"],
  ["bad-value", "E", 'vt.const = "1"', '"1"'],
  ["bad-value", "E", 'vt.in = "E.C"', '"E.C"', "did you mean E.A?"],
  ["bad-value", "string", String.raw`vt.const = "\q"`, String.raw`"\q"`],
  ["bad-value", "string", 'vt.min_size = "x"', '"x"'],
  ["unknown-field", "i32", 'vt.gt = "$ll"', '"$ll"', "did you mean li?"],
  ["unknown-field", "i32", 'vt.gt = "$n.x"', '"$n.x"', "without a path"],
  ["unknown-field", "string", 'vt.prefix = "$"', '"$"', "\\x24"],
  ["wrong-operand", "i32", 'vt.gt = "$s"', '"$s"'],
  ["wrong-operand", "string", 'vt.const = "$n"', '"$n"'],
  ["wrong-operand", "i32", 'vt.gt = "$li"', '"$li"'],
  ["wrong-operand", "string", 'vt.const = "@len($s)"', '"@len($s)"'],
  ["wrong-operand", "string", 'vt.min_size = "@equal(1, 2)"', '"@equal(1, 2)"'],
  ["bad-function", "i32", 'vt.gt = "@lenn($s)"', '"@lenn($s)"', "did you mean len?"],
  ["bad-function", "i32", 'vt.gt = "@len("', '"@len("'],
  ["bad-function", "i32", 'vt.gt = "@len($s) 1"', '"@len($s) 1"'],
  ["bad-function", "i32", 'vt.gt = "@len($n)"', '"@len($n)"'],
  ["bad-function", "i32", 'vt.gt = "@mod(1)"', '"@mod(1)"'],
  ["bad-function", "i32", 'vt.gt = "@mod($n, 0)"', '"@mod($n, 0)"'],
  ["bad-function", "i32", 'vt.gt = "@mod($d, 2)"', '"@mod($d, 2)"'],
  ["bad-function", "i32", 'vt.gt = "@add($n, $s)"', '"@add($n, $s)"'],
  ["bad-function", "i64", 'vt.gt = "@now_unix_nano(1)"', '"@now_unix_nano(1)"'],
  ["bad-function", "bool", "vt.const = \"@equal($n, 'x')\"", "\"@equal($n, 'x')\""],
  ["bad-function", "string", 'vt.const = "@sprintf($s)"', '"@sprintf($s)"'],
  ["bad-function", "string", "vt.const = \"@sprintf('%d', $s)\"", "\"@sprintf('%d', $s)\""],
  ["bad-function", "string", "vt.const = \"@sprintf('%d')\"", "\"@sprintf('%d')\""],
  ["bad-function", "string", "vt.const = \"@sprintf('%q', $s)\"", "\"@sprintf('%q', $s)\""],
  ["bad-function", "string", "vt.const = \"@sprintf('%v', $e)\"", "\"@sprintf('%v', $e)\"", "write %d"],
  ["bad-pattern", "string", 'vt.pattern = "("', '"("'],
  ["bad-pattern", "string", 'vt.pattern = "(?=a)"', '"(?=a)"'],
  ["bad-pattern", "string", 'vt.pattern = "$s"', '"$s"'],
  ["no-effect", "E", 'vt.not_in = "E.C", vt.not_in = "E.A"', '"E.C"'],
  ["no-effect", "string", 'vt.min_size = "-1"', 'vt.min_size = "-1"'],
];

describe("rules", () => {
  for (const [code, type, rules, at, suggestion = ""] of WRONG) {
    it(`${code}: ${type} (${rules})`, async () => {
      const found = await problemsOf(field(type, rules));
      assertEquals(found.map((each) => [each.code, each.at]), [[`validator/${code}`, at]]);
      const [first] = found;
      assert(first?.suggestion?.includes(suggestion) ?? suggestion === "", first?.suggestion);
      assertEquals(
        first?.severity,
        VALIDATOR_CODES[first?.code as keyof typeof VALIDATOR_CODES].endsWith("(warning)") ? "warning" : "error",
      );
      assert(/^[^A-Z]|^[A-Z]\w*[ .]/.test(first?.message ?? "") && !first?.message.endsWith("."), first?.message);
    });
  }
  it("are tested for each code", () => {
    const codes = new Set(WRONG.map(([code]) => `validator/${code}`));
    assertEquals(Object.keys(VALIDATOR_CODES).filter((code) => !codes.has(code)), []);
  });
  it("of structs are assertions that depend on the struct", async () => {
    const codes = async (rules: string): Promise<string[]> =>
      (await problemsOf(`struct S { 1: bool b 2: i32 n } (${rules})`)).map((each) => each.code);
    assertEquals(await codes('vt.assert = "$b", vt.assert = "@equal($n, 1)"'), []);
    assertEquals(await codes('vt.assert = "true"'), ["validator/bad-value"]);
    assertEquals(await codes('vt.assert = "$n"'), ["validator/wrong-operand"]);
    assertEquals(await codes('vt.gt = "1"'), ["validator/unknown-rule"]);
  });
  it("that nobody looks at are warned of", async () => {
    const found = await problemsOf(`typedef string T (vt.min_size = "1")
typedef map<string (vt.a = "1"), list<i32 (vt.b = "1")>> M
enum E { A (vt.c = "1") } (vt.in = "A")
const i32 (vt.d = "1") N = 1
exception X1 {}
struct S { 1: required i32 a (vt.not_nil = "true") 2: list<string (vt.min_size = "1")> l }
service X { i32 (vt.e = "1") f(1: string s (vt.min_size = "1")) throws (1: X1 (vt.f = "1") x (vt.not_nil = "1")) (vt.x = "1") } (vt.y = "1")`);
    assertEquals(found.map((each) => `${each.code} ${each.at}`), [
      "validator/no-effect vt.min_size",
      "validator/no-effect vt.a",
      "validator/no-effect vt.b",
      "validator/no-effect vt.in",
      "validator/no-effect vt.c",
      "validator/no-effect vt.d",
      "validator/no-effect vt.not_nil",
      "validator/no-effect vt.min_size",
      "validator/no-effect vt.y",
      "validator/no-effect vt.x",
      "validator/no-effect vt.e",
      "validator/no-effect vt.not_nil",
      "validator/no-effect vt.f",
    ]);
  });
  it("take functions of the user, which may give anything", async () => {
    const text = field("i32", 'vt.gt = "@mine($s, 1, @mine())"');
    assertEquals((await problemsOf(text)).map((each) => each.code), ["validator/bad-function"]);
    assertEquals(await problemsOf(text, ["mine"]), []);
  });
  it("read values as Go does", async () => {
    const fine: readonly (readonly [string, string])[] = [
      ["i32", 'vt.gt = "0x10", vt.lt = "0o17", vt.le = "017", vt.ge = "-1_000", vt.in = "0b11", vt.in = "+5"'],
      ["double", 'vt.not_in = "1_000.5_0e0_1", vt.not_in = "0x_1.0_8P-0_3"'],
      ["double", 'vt.gt = "1e3", vt.lt = ".5", vt.le = "-1.", vt.ge = "0x1.8p-3", vt.in = "-0X.Fp+2"'],
      ["bool", 'vt.const = "T"'],
      ["bool", "vt.not_nil"],
      ["string", 'vt.suffix = "@example.com", vt.prefix = "@", vt.contains = "\\\\x24", vt.pattern = "\\\\d$"'],
      ["E", 'vt.in = "E.A", vt.not_in = "E.B", vt.defined_only = "1"'],
      [
        "map<string, list<In>>",
        'vt.key.prefix = "a", vt.value.elem.skip = "true", vt.no_sparse = "true", vt.not_nil = "true"',
      ],
      ["i32", 'vt = "x", foo = "y", vtx.z = "1"'],
    ];
    for (const [type, rules] of fine) assertEquals(await problemsOf(field(type, rules)), [], rules);
  });
});
