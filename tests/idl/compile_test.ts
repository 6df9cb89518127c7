import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { codesOf, compileText, suggestionsOf } from "./checks.ts";

describe("compile", () => {
  it("reports everything that is wrong in one run, sorted by place", async () => {
    const text = `struct A { 1: Nope a, 1: i32 b }
enum E { X = 1, X = 2 }
const i32 C = "1"
service S { oneway i32 f(), void g() throws (1: A a) }
struct A {}
struct {
`;
    assertEquals(await codesOf(text), [
      "UT3002 1:15",
      "UT3020 1:23",
      "UT3010 2:17",
      "UT4003 3:15",
      "UT5004 4:20",
      "UT5006 4:49",
      "UT3001 5:8",
      "UT1005 6:8",
      "UT1005 6:9",
    ]);
  });
  it("reports bytes that are not UTF-8 where they change a value, and warns of them in comments", async () => {
    assertEquals(await codesOf('const string A = "x\ufffdy\ufffd" const string B = "\ufffd"'), [
      "UT1011 1:20",
      "UT1011 1:43",
    ]);
    assertEquals(await codesOf("// \ufffd\n/* \ufffd */ struct A {}"), ["UT1011 1:4"]);
    assertEquals(await codesOf("struct \ufffd {}"), ["UT1001 1:8"]);
    assertEquals(await codesOf(String.raw`const string A = "\ufffd"`), []);
  });
  it("fills in required fields that a struct value leaves out, as Thriftgo does", async () => {
    const idl =
      "struct In { 1: required string a } struct P { 1: required In y, 2: required i32 x = 4 } const P A = {}";
    const { diagnostics } = await compileText(idl);
    assertEquals(diagnostics.map(({ code, severity, message }) => [code, severity, message]), [
      ["UT4013", "warning", "required field y of P is left out: its zero value stands for it"],
      ["UT4013", "warning", "required field x of P is left out: its default stands for it"],
    ]);
  });
  it("checks the defaults of exceptions that are thrown, which mean nothing", async () => {
    const idl = 'exception X { 1: i32 a } service S { void f() throws (1: X x = {"a": "b"}, 2: X y = {"a": 1}) }';
    const { value, diagnostics } = await compileText(idl);
    assertEquals(diagnostics.map(({ code, start }) => [code, start]), [["UT4003", idl.indexOf('"b"')]]);
    const service = value.mains[0]?.scope.get("S");
    assertEquals(service?.kind === "service" && service.methods[0]?.throws.map((field) => field.default), [
      undefined,
      undefined,
    ]);
  });
  it("reports one mistake once", async () => {
    const ids = "struct A { 99999999999999999999: i32 a, 99999999999999999999: i32 b, i32 c, 0x5: i32 d, i32 e }";
    assertEquals(await codesOf(ids), ["UT3022 1:12", "UT3022 1:41", "UT3024 1:74", "UT1010 1:77", "UT3024 1:93"]);
    assertEquals((await compileText(ids)).diagnostics.map(({ message }) => message).slice(0, 3), [
      "id 99999999999999999999 does not fit the wire: ids are -32768 to 32767",
      "id 99999999999999999999 does not fit the wire: ids are -32768 to 32767",
      "c has no id: Thriftgo counts on to 1, Apache Thrift counts down from -1",
    ]);
    assertEquals((await suggestionsOf(ids)).slice(3), ["write 5", "write 6: before it"]);
    assertEquals(await codesOf('union U { 1: i32 a, 2: i32 b } const U X = {"c": 1}'), ["UT4008 1:45"]);
    assertEquals(await codesOf('union U { 1: i32 a, 2: i32 b } const U X = {"a": 1, "a": 1}'), ["UT4008 1:53"]);
    assertEquals(await codesOf('union U { 1: i32 a, 2: i32 b } const U X = {"a": 1, "b": 1}'), ["UT4008 1:44"]);
    assertEquals(await codesOf(`const double A = ${"9".repeat(400)}`), ["UT4004 1:18"]);
  });
  it("warns of what is likely a mistake", async () => {
    assertEquals(await codesOf("struct A { i32 a }"), ["UT3024 1:16"]);
    assertEquals(await codesOf("struct A { 0: i32 a }"), ["UT3023 1:12"]);
    assertEquals(await codesOf("union U { 1: required i32 a }"), ["UT3025 1:14"]);
    assertEquals(await codesOf("service S { void f(1: optional i32 a) }"), ["UT5007 1:23"]);
    assertEquals(await codesOf("const set<i32> S = [1, 2, 1]"), ["UT4007 1:27"]);
    assertEquals(await codesOf("const i32 S = 017"), ["UT4010 1:15"]);
    assertEquals(await codesOf("const i32 S = 098 enum E { A = -0x1, B = 011 }"), [
      "UT1008 1:15",
      "UT1008 1:32",
      "UT4010 1:42",
    ]);
    assertEquals(await codesOf("enum E { A = 1, B = 1 } enum F { A = 1, B = 1 } (allow_alias)"), [
      "UT3011 1:17",
      "UT1008 1:50",
    ]);
    assertEquals(await codesOf("enum E { A } enum F { B } const F X = E.B"), ["UT1008 1:39"]);
    assertEquals(await codesOf("struct A { 1: required A a }"), ["UT3027 1:8"]);
    assertEquals(await codesOf("struct K {} struct A { 1: map<K, i32> a }"), ["UT3009 1:31"]);
    assertEquals(await codesOf("enum E { A } const E X = 5"), ["UT4009 1:26"]);
    assertEquals(await codesOf("const double A = 9007199254740993 const double B = -9007199254740992"), [
      "UT4009 1:18",
    ]);
    assertEquals(await codesOf("const double A = 18446744073709551616"), ["UT1008 1:18"]);
    assertEquals(await codesOf(String.raw`const list<string> L = ["\\", 'a\\\\', "\"", "a\\b", "'\\'"]`), [
      "UT1008 1:25",
      "UT1008 1:31",
    ]);
    assertEquals(await codesOf("typedef i32 string"), ["UT3008 1:13"]);
    assertEquals(await codesOf('struct A { 1: i32 a (js.type = "string") }'), ["UT3006 1:12"]);
  });
  it("finds cycles of typedefs, constants, services and defaults however long", async () => {
    const chain = (n: number, line: (i: number) => string): string =>
      Array.from({ length: n }, (_, i) => line(i)).join("\n");
    assertEquals(await codesOf(chain(20_000, (i) => `typedef T${i + 1} T${i}`) + "\ntypedef i32 T20000"), []);
    assertEquals(await codesOf(chain(20_000, (i) => `const i32 C${i} = C${i + 1}`) + "\nconst i32 C20000 = 1"), []);
    assertEquals(await codesOf(chain(5000, (i) => `service S${i} extends S${i + 1} {}`) + "\nservice S5000 {}"), []);
    assertEquals(await codesOf("struct A { 1: A a = {} }"), ["UT4012 1:8"]);
    assertEquals(await codesOf("struct A { 1: list<B> b = [{}] } struct B { 1: A a = {} }"), ["UT4012 1:8"]);
    assertEquals(await codesOf("struct A { 1: B b = {} } struct B { 1: required A a }"), ["UT4012 1:8", "UT4013 1:21"]);
    assertEquals(await codesOf("struct A { 1: required A a } const A X = {}"), ["UT3027 1:8", "UT4008 1:42"]);
    const nested = (n: number): string => chain(n, (i) => `typedef list<T${i + 1}> T${i}`) + `\ntypedef i32 T${n}`;
    assertEquals(await codesOf(nested(64)), []);
    assertEquals(await codesOf(nested(66)), ["UT1007 1:9", "UT1007 2:9"]);
  });
  it("limits how much a constant may stand for", async () => {
    let text = "const list<i32> L0 = [1, 2, 3, 4]\n";
    let type = "list<i32>";
    for (let i = 1; i < 20; i++) {
      type = `list<${type}>`;
      text += `const ${type} L${i} = [L${i - 1}, L${i - 1}, L${i - 1}, L${i - 1}]\n`;
    }
    assertEquals((await codesOf(text)).map((code) => code.slice(0, 6)), ["UT4011"]);
  });
  it("says what was probably meant", async () => {
    assertEquals(await suggestionsOf("struct Person {} struct A { 1: Persn p }"), ["did you mean Person?"]);
    assertEquals(await suggestionsOf("struct A { 1: int a }"), ["did you mean i32?"]);
    assertEquals(await suggestionsOf("enum E { RED } const E X = RED"), ["did you mean E.RED?"]);
    assertEquals(await suggestionsOf("const bool X = True"), ["did you mean true?"]);
    assertEquals(await suggestionsOf('enum E { RED } const E X = "RED"'), ["write E.RED"]);
    assertEquals(await suggestionsOf("service A {} service B extends AA {}"), ["did you mean A?"]);
    assertEquals(
      await suggestionsOf({ "main.thrift": 'include "b.thrift" struct A { 1: B b }', "b.thrift": "struct B {}" }),
      ["remove the include", "did you mean b.B?"],
    );
    assertEquals(
      (await suggestionsOf({
        "main.thrift": 'include "b.thrift" struct A { 1: c.C b }',
        "b.thrift": 'include "c.thrift" struct B { 1: c.C c }',
        "c.thrift": "struct C {}",
      })).at(-1),
      'includes do not carry over: include "c.thrift" here as well',
    );
  });
  it("takes argument defaults that name a constant", async () => {
    const { value, diagnostics } = await compileText("const i32 K = 7\nservice S { void f(1: i32 a = K) }");
    assertEquals(diagnostics, []);
    const service = value.mains[0]?.scope.get("S");
    assertEquals(service?.kind === "service" ? service.methods[0]?.args[0]?.default : undefined, {
      kind: "int",
      value: 7n,
    });
  });
  it("resolves names of two includes with one prefix, and warns when both define it", async () => {
    const files = {
      "main.thrift": 'include "x/b.thrift"\ninclude "y/b.thrift"\nstruct S { 1: b.X x; 2: b.Y y; 3: b.Z z }',
      "x/b.thrift": "struct X {} struct Z {}",
      "y/b.thrift": "struct Y {} struct Z {}",
    };
    assertEquals(await codesOf(files), ["UT3004 3:35"]);
  });
});
