import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import { re2, re2Problem } from "../../../lib/validation/re2.ts";
import { randomSource } from "../../idl/emit/random_values.ts";

/** Expressions with texts that match and texts that do not; what Go's regexp says of them. */
const CASES: readonly (readonly [source: string, yes: readonly string[], no: readonly string[]])[] = [
  ["^[a-z]+$", ["a", "abc"], ["", "A", "a\n", "a1"]],
  ["(a|b)*c", ["c", "xxababc"], ["ab"]],
  ["^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]],
  ["^a{2,}$", ["aa", "aaaaa"], ["a"]],
  ["\\bfoo\\b", ["foo", "a foo.", "é foo"], ["food", "_foo"]],
  ["\\Boo\\B", ["fooo"], ["foo", "oo"]],
  ["(?i)k", ["k", "K", "\u212a"], ["c"]],
  ["(?i)[^s]", ["a"], ["s", "S", "\u017f"]],
  ["(?i:a)b", ["Ab", "ab"], ["aB"]],
  ["a(?i)b|c", ["aB", "C"], ["AB"]],
  ["(?m)^b$", ["a\nb\nc"], ["a\nbc"]],
  ["^b$", ["b"], ["a\nb", "b\n"]],
  ["a.c", ["abc", "a\rc", "a🎉c"], ["a\nc", "ac"]],
  ["(?s)a.c", ["a\nc"], ["ac"]],
  ["^[[:alpha:]]+[[:^digit:]]$", ["ab", "a-"], ["a1", "é"]],
  ["^\\pL+\\p{Greek}\\PN$", ["αβγ", "eα!"], ["α1", "abc"]],
  ["^\\x41\\x{1F389}\\101$", ["A🎉A"], ["A🎉"]],
  ["^\\Qa.b\\E+$", ["a.b", "a.bbb"], ["axb"]],
  ["^[]a]+$", ["]a]"], ["b"]],
  ["^[a\\-z]+$", ["a-z"], ["b"]],
  ["^\\s\\S\\d\\D\\w\\W$", [" x1xa-"], ["\u00a0x1xa-", " x١xa-"]],
  ["{", ["{"], ["a"]],
  ["^a{,2}$", ["a{,2}"], ["aa"]],
  ["^(?P<year>\\d{4})-(?<month>\\d\\d)$", ["2024-12"], ["2024-1"]],
  ["^(^*a|$)+$", ["", "a"], ["b"]],
  ["\\Aa\\z", ["a"], ["a\n", "ba"]],
  ["^é$", ["é"], ["e"]],
  ["", ["", "anything"], []],
];

/** What is refused, and a word of the reason. */
const REFUSED: readonly (readonly [source: string, reason: string])[] = [
  ["(", "not closed"],
  [")", "closes no group"],
  ["a**", "repeats a repetition"],
  ["*a", "nothing for *"],
  ["(?=a)", "lookaround"],
  ["(?!a)", "lookaround"],
  ["(?<=a)", "lookaround"],
  ["(?<!a)", "lookaround"],
  ["(a)\\1", "references back"],
  ["[b-a]", "wrong way round"],
  ["[a", "not closed"],
  ["a{1001}", "more than 1000"],
  ["a{2,1}", "wrong order"],
  ["(a{100}){100}", "more than 1000"],
  ["(((a{900}){1}b{900}c{900}){1}[ab]{900}d{900}){1}".repeat(9), "larger than"],
  ["(".repeat(300) + ")".repeat(300), "nested deeper"],
  ["\\p{Nope}", "no property"],
  ["[[:foo:]]", "no class"],
  ["\\y", "not known"],
  ["a\\", "backslash"],
  ["(?P<a b>x)", "no name"],
  ["(?)", "no flag"],
];

describe("re2", () => {
  for (const [source, yes, no] of CASES) {
    it(`matches ${JSON.stringify(source)} as Go does`, () => {
      assertEquals(re2Problem(source), undefined);
      const pattern = re2(source);
      assertEquals(yes.filter((text) => !pattern.test(text)), []);
      assertEquals(no.filter((text) => pattern.test(text)), []);
    });
  }
  it("refuses what Go refuses, and what would become too large", () => {
    for (const [source, reason] of REFUSED) {
      assert(re2Problem(source)?.includes(reason), `${source.slice(0, 60)}: ${re2Problem(source)}`);
    }
    assertEquals(assertThrows(() => re2("(").test(""), RpcError).kind, "invalid");
  });
  it("agrees with JavaScript where both mean the same, on random expressions and texts", () => {
    const random = randomSource(20_241);
    const letters = ["a", "b", "c", "é", "🎉"];
    const make = (depth: number): string => {
      const kind = random(depth > 3 ? 3 : 7);
      if (kind < 2) return letters[random(5)]!;
      if (kind === 2) return ["[ab]", "[^a]", "\\w", "\\b", "(?:^|c)"][random(5)]!;
      if (kind === 3) return `(?:${make(depth + 1)}|${make(depth + 1)})`;
      if (kind === 4) return `(?:${make(depth + 1)})${["*", "+", "?", "{2}", "{1,2}", "*?"][random(6)]}`;
      return make(depth + 1) + make(depth + 1);
    };
    for (let i = 0; i < 400; i++) {
      const source = (random(3) === 0 ? "^" : "") + make(0) + (random(3) === 0 ? "$" : "");
      const [ours, theirs] = [re2(source), new RegExp(source, "u")];
      for (let j = 0; j < 20; j++) {
        const text = Array.from({ length: random(7) }, () => letters[random(5)]).join("");
        assertEquals(ours.test(text), theirs.test(text), `${source} on ${text}`);
      }
    }
  });
  it("takes time in proportion to the text, also where backtracking would take forever", () => {
    // a matcher that backtracks takes 2 to the 200,000 steps
    assertEquals(re2("^(a+)+$").test("a".repeat(200_000) + "!"), false);
    assertEquals(re2("(a|aa|é)*$").test("aé".repeat(100_000) + "b"), true);
    assertEquals(re2("(x+x+)+y").test("x".repeat(200_000)), false);
  });
  it("forgets states rather than keep thousands", () => {
    const pattern = re2("(a|b)*a(a|b){12}$");
    const random = randomSource(7);
    const text = Array.from({ length: 20_000 }, () => "ab"[random(2)]).join("");
    assertEquals(pattern.test(text), /a(a|b){12}$/.test(text));
    assertEquals(pattern.test(`${text}b${"a".repeat(12)}`), false);
    assertEquals(pattern.test(`${text}a${"b".repeat(12)}`), true);
  });
});
