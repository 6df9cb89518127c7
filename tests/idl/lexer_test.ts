import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Diagnostics } from "../../idl/diagnostics.ts";
import { tokenize } from "../../idl/lexer.ts";
import { parse } from "../../idl/parser.ts";
import { SourceText } from "../../idl/source.ts";
import { Tok, type TokenList } from "../../idl/tokens.ts";
import { PROBE_TEXTS } from "./probes.ts";

describe("tokenize", () => {
  it("tiles the text of every probe, so that nothing is lost", () => {
    for (const text of PROBE_TEXTS) {
      const { tokens } = lex(text);
      let rebuilt = "";
      for (let i = 0; i < tokens.length; i++) rebuilt += text.slice(tokens.start(i), tokens.end(i));
      assertEquals(rebuilt, text);
      assertEquals(tokens.kind(tokens.length - 1), Tok.End);
    }
  });
  it("knows the numbers of Thriftgo, and no others", () => {
    for (const text of ["0", "17", "+5", "-5", "0x1F", "-0x1f", "0o17", "017"]) {
      assertEquals(kinds(text), [Tok.Int], text);
    }
    for (const text of ["1.5", ".5", "-2.0", "1e3", "1.5E-3", "2e+7"]) assertEquals(kinds(text), [Tok.Double], text);
    for (const text of ["1.", "0X10", "0xZZ", "0o9", "1e0x10", "1a", "1.2.3", "1_000"]) {
      assertEquals(kinds(text), [Tok.Unknown], text);
      assertEquals(codes(text), ["UT1003"], text);
    }
  });
  it("keeps a sign out of a number it does not belong to", () => {
    assertEquals(kinds("1-2"), [Tok.Int, Tok.Int]);
    assertEquals(kinds("a-b"), [Tok.Identifier, Tok.Unknown, Tok.Identifier]);
  });
  it("ends a string at its own quote, behind pairs of backslash and anything", () => {
    assertEquals(kinds(String.raw`"a\"b" 'it\'s' "x\\" "a'b"`), [Tok.Literal, Tok.Literal, Tok.Literal, Tok.Literal]);
    assertEquals(kinds('"two\nlines"'), [Tok.Literal]);
  });
  it("ends a string that is never closed with its line", () => {
    assertEquals(kinds('"abc\nstruct'), [Tok.Literal, Tok.Identifier]);
    assertEquals(codes("\"abc\nstruct 'def\n"), ["UT1004", "UT1004"]);
  });
  it("takes every kind of line end and comment", () => {
    assertEquals(kinds("a\rb\nc\r\nd // x\r# y\n/* z\n */ e"), new Array(5).fill(Tok.Identifier));
    assertEquals(codes("/* abc"), ["UT1002"]);
  });
  it("strips a byte order mark at the start only", () => {
    assertEquals(codes("\ufeffstruct"), []);
    assertEquals(codes("struct \ufeff"), ["UT1001"]);
  });
  it("reports a run of strange characters once", () => {
    assertEquals(codes("a @@@ b"), ["UT1001"]);
    assertEquals(codes("a \f b"), ["UT1001"]);
  });
  it("says what to write instead of characters that people take for others", () => {
    const names = "names are made of A to Z, a to z, digits and _";
    assertEquals(suggestions("Über a-b 名 a@ - $x"), [names, names, names, undefined, undefined, undefined]);
    assertEquals(suggestions("= “a”"), ["a string stands in \" or '", "a string stands in \" or '"]);
    assertEquals(suggestions("i32\u00a0a \u200b \f"), new Array(3).fill("write a plain space"));
  });
  it("reports a file in UTF-16 once", () => {
    const wide = [...'struct A { 1: string b = "c" }\r\n'];
    for (const text of [wide.map((c) => `${c}\0`), wide.map((c) => `\0${c}`)]) {
      for (const whole of [text.join(""), `\ufffd\ufffd${text.join("")}`]) {
        assertEquals([codes(whole), kinds(whole)], [["UT1011"], [Tok.Unknown]]);
        assertEquals(parse("x.thrift", whole).diagnostics.length, 1);
      }
    }
    assertEquals(codes('const string A = "\0"'), []);
  });
});

function lex(text: string): { tokens: TokenList; diagnostics: Diagnostics } {
  const diagnostics = new Diagnostics();
  return { tokens: tokenize(new SourceText("x.thrift", text), diagnostics), diagnostics };
}

function kinds(text: string): Tok[] {
  const { tokens } = lex(text);
  const list: Tok[] = [];
  for (let i = 0; i < tokens.length - 1; i++) {
    if (tokens.kind(i) > Tok.Comment || tokens.kind(i) === Tok.Unknown) list.push(tokens.kind(i));
  }
  return list;
}

function suggestions(text: string): (string | undefined)[] {
  return lex(text).diagnostics.list.map((d) => d.suggestion);
}

function codes(text: string): string[] {
  return lex(text).diagnostics.list.map((d) => d.code);
}
