import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DIAGNOSTIC_CODES } from "../../idl/codes.ts";
import { emit } from "../../idl/emit/emit.ts";
import type { EmitOptions } from "../../idl/emit/options.ts";
import { compileText, LOCKED } from "./checks.ts";

type Files = string | Readonly<Record<string, string>>;

/** For each code, the least IDL that gives it, and options where only generating does. */
const EXAMPLES: Readonly<Record<string, readonly [Files, EmitOptions?]>> = {
  UT1001: ["struct A { 1: i32 a? }"],
  UT1002: ["struct A {} /* no end"],
  UT1003: ["const i32 A = 0xZZ"],
  UT1004: ['const string A = "no end'],
  UT1005: ["struct { 1: i32 a }"],
  UT1006: ["struct A {}\nnamespace go a"],
  UT1007: [`struct A { 1: ${"list<".repeat(70)}i32${">".repeat(70)} a }`],
  UT1008: ["typedef i32 A;"],
  UT1009: ["struct A.B {}"],
  UT1010: ["struct A { 0x1: i32 a }"],
  UT1011: ['const string A = "\ufffd"'],
  UT2001: ['include "nope.thrift"'],
  UT2002: ['include "main.thrift"'],
  UT2003: [{
    "main.thrift": 'include "d/a.thrift"',
    "d/a.thrift": 'include "b.thrift"',
    "b.thrift": "",
    "d/b.thrift": "",
  }],
  UT2004: [{ "main.thrift": 'include "b.thrift"', "b.thrift": "" }],
  UT2005: [`include "${LOCKED}"`],
  UT3001: ["struct A {} enum A {}"],
  UT3002: ["struct A { 1: B b }"],
  UT3003: ["service S { S get() }"],
  UT3004: [{
    "main.thrift": 'include "x/b.thrift" include "y/b.thrift" struct A { 1: b.B b }',
    "x/b.thrift": "struct B {}",
    "y/b.thrift": "struct B {}",
  }],
  UT3005: ["typedef list<A> A"],
  UT3006: ['struct A { 1: i32 a (js.type = "bigint") }'],
  UT3007: ["struct A { 1: uuid a }"],
  UT3008: ["struct string {}"],
  UT3009: ["struct A { 1: set<list<i32>> a }"],
  UT3010: ["enum E { A, A }"],
  UT3011: ["enum E { A = 1, B = 1 }"],
  UT3012: ["enum E { A = 2147483647, B }"],
  UT3020: ["struct A { 1: i32 a, 1: i32 b }"],
  UT3021: ["struct A { 1: i32 a, 2: i32 a }"],
  UT3022: ["struct A { 32768: i32 a }"],
  UT3023: ["struct A { 0: i32 a }"],
  UT3024: ["struct A { i32 a }"],
  UT3025: ["union U { 1: required i32 a }"],
  UT3026: ["union U { 1: i32 a = 1, 2: i32 b = 2 }"],
  UT3027: ["struct A { 1: required B b } struct B { 1: required A a }"],
  UT4001: ["const i32 A = B"],
  UT4002: [{ "main.thrift": 'include "E.thrift" enum E { A } const i32 X = E.A', "E.thrift": "const i32 A = 3" }],
  UT4003: ['const i32 A = "1"'],
  UT4004: ["const i8 A = 128"],
  UT4005: ["const i32 A = B const i32 B = A"],
  UT4006: [String.raw`const string A = "\q"`],
  UT4007: ["const set<i32> A = [1, 1]"],
  UT4008: ['struct P { 1: i32 x } const P A = {"y": 1}'],
  UT4009: ["const i32 A = true"],
  UT4010: ["const i32 A = 017"],
  UT4011: [
    Array.from({ length: 20 }, (_, i) => {
      const type = "list<".repeat(i + 1) + "i32" + ">".repeat(i + 1);
      return `const ${type} L${i} = ${i === 0 ? "[1, 2]" : `[L${i - 1}, L${i - 1}]`}`;
    }).join("\n"),
  ],
  UT4012: ["struct A { 1: A a = {} }"],
  UT4013: ["struct A { 1: required i32 a } const A X = {}"],
  UT5001: ["service S { void f() void f() }"],
  UT5002: ["service S extends T {}"],
  UT5003: ["service S extends S {}"],
  UT5004: ["service S { oneway i32 f() }"],
  UT5005: ["exception X {} service S { oneway void f() throws (1: X x) }"],
  UT5006: ["struct X {} service S { void f() throws (1: X x) }"],
  UT5007: ["service S { void f(1: optional i32 a) }"],
  UT5008: ['service S { void f() (streaming.mode = "duplex") }'],
  UT5009: ["exception X {} service S { void f() throws (0: X x) }"],
  UT6001: [{ "main.thrift": 'include "MAIN.thrift"', "MAIN.thrift": "" }],
  UT6002: [
    {
      "main.thrift": 'namespace * a include "b.thrift" include "c.thrift" struct A { 1: b.B b }',
      "b.thrift": 'namespace * b include "c.thrift" struct B { 1: c.C c }',
      "c.thrift": "namespace * a struct C {}",
    },
    { split: "namespace" },
  ],
  UT6003: ["const i64 A = 9007199254740993", { i64: "number" }],
  UT6004: ["struct class {}"],
  UT6005: ["struct A {}", { trim: ["B"] }],
};

describe("each code", () => {
  it("has an example", () => {
    assertEquals(Object.keys(EXAMPLES), Object.keys(DIAGNOSTIC_CODES));
  });
  for (const [code, [files, options]] of Object.entries(EXAMPLES)) {
    it(`${code} is given, as the severity that the list says`, async () => {
      const compiled = await compileText(files);
      const failed = compiled.diagnostics.some((d) => d.severity === "error");
      const diagnostics = failed
        ? compiled.diagnostics
        : [...compiled.diagnostics, ...emit(compiled.value, options).diagnostics];
      const found = diagnostics.filter((d) => d.code === code);
      assert(found.length > 0, `${code} is not among ${diagnostics.map((d) => d.code).join(", ")}`);
      const severity = DIAGNOSTIC_CODES[code as keyof typeof DIAGNOSTIC_CODES].endsWith("(warning)")
        ? "warning"
        : "error";
      for (const { severity: given, message } of found) {
        assertEquals(given, severity);
        assert(/^[^A-Z]|^[A-Z]\w*[ .]/.test(message) && !message.endsWith("."), message);
      }
    });
  }
});
