import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compile } from "../../../idl/compile.ts";
import { memoryReader } from "../../../idl/load.ts";
import { describeModule } from "../../../idl/plugin/describe_program.ts";
import { type AstFile, Category, ConstKind } from "../../../idl/plugin/gen/protocol.ts";
import { decodeRequest, encodeRequest } from "../../../idl/plugin/protocol.ts";
import { RpcError } from "../../../lib/errors.ts";
import { capturedRequest, vectorText } from "./vectors.ts";

describe("describeModule", () => {
  it("says of the captured files what Thriftgo says, but for streaming functions, which it keeps", async () => {
    const ast = await described({ "main.thrift": vectorText("a.thrift"), "b.thrift": vectorText("b.thrift") });
    const captured = decodeRequest(capturedRequest()).ast;
    assertEquals(ast.services[0]?.functions.map(({ name }) => name), ["ping", "f"]);
    ast.services[0]?.functions.pop();
    assertEquals({ ...ast, filename: "a.thrift" }, captured);
    const request = decodeRequest(capturedRequest());
    assertEquals(decodeRequest(encodeRequest({ ...request, ast: { ...ast, filename: "a.thrift" } })), request);
  });
  it("resolves what values name", async () => {
    const ast = await described({
      "main.thrift": `include "b.thrift"
typedef b.E Alias
enum Own { A }
const i32 LOCAL = 1
const list<i32> ALL = [LOCAL, b.FAR]
const Own O = Own.A
const b.E E1 = b.E.X
const b.E E2 = Alias.X
const bool T = true`,
      "b.thrift": "enum E { X } const i32 FAR = 2",
    });
    const meanings = ast.constants.flatMap(({ value }) => value?.value?.kind === "list" ? value.value.value : [value])
      .map((value) => value?.meaning);
    assertEquals(meanings, [
      undefined,
      { isEnum: false, index: -1, name: "LOCAL", selector: "" },
      { isEnum: false, index: 0, name: "FAR", selector: "b" },
      { isEnum: true, index: -1, name: "A", selector: "Own" },
      { isEnum: true, index: 0, name: "X", selector: "E" },
      { isEnum: true, index: 0, name: "X", selector: "Alias" },
      undefined,
    ]);
    assertEquals(ast.constants[4]?.type?.category, Category.ENUM);
    assertEquals(ast.typedefs[0]?.type?.reference, { name: "E", index: 0 });
  });
  it("keeps literals as Thriftgo does: the quote's own escapes undone, all others as written", async () => {
    const ast = await described({
      "main.thrift": String
        .raw`const string A = "a\"b\n\\" const string B = 'a\"b\'c' const double D = 99999999999999999999`,
    });
    assertEquals(ast.constants.map(({ value }) => value?.value?.value), [
      String.raw`a"b\n\\`,
      String.raw`a\"b'c`,
      1e20,
    ]);
    assertEquals(ast.constants[2]?.value?.kind, ConstKind.DOUBLE);
  });
  it("gives each its comments, with their marks", async () => {
    const ast = await described({
      "main.thrift": `# far

/* near */
struct A { // of the first field
  1: i32 a, // behind a
  /** above b */
  2: i32 b // not this
  3: i32 c /* one */ // two
} // of nobody
// of S
service S {
  void f() // of nobody
  # of g
  void g()
}
enum E { X # of X
  Y }`,
    });
    const [struct] = ast.structs;
    assertEquals(struct?.comments, "// far\n/* near */");
    assertEquals(struct?.fields.map(({ comments }) => comments), [
      "// of the first field",
      "/** above b */",
      "/* one */\n// two",
    ]);
    assertEquals(ast.services[0]?.comments, "// of S");
    assertEquals(ast.services[0]?.functions.map(({ comments }) => comments), ["", "// of g"]);
    assertEquals(ast.enums[0]?.values.map(({ comments }) => comments), ["// of X", ""]);
  });
  it("gives up on what Thriftgo has no form for, and on too many ways to a file", async () => {
    const uuid = await program({ "main.thrift": "struct A { 1: uuid a }" });
    const error = assertThrows(() => describeModule(uuid), RpcError);
    assertEquals(error.message, "main.thrift has the type uuid, which Thriftgo's plugins do not know");
    const files: Record<string, string> = { "0a.thrift": "struct A {}", "0b.thrift": "" };
    for (let i = 1; i < 40; i++) {
      const text = `include "${i - 1}a.thrift"\ninclude "${i - 1}b.thrift"\n`;
      files[`${i}a.thrift`] = text;
      files[`${i}b.thrift`] = text;
    }
    const many = await program({ ...files, "main.thrift": 'include "39a.thrift"' });
    const message = assertThrows(() => describeModule(many), RpcError).message;
    assertEquals(message.split(",")[0], "main.thrift describes its includes once for each way to them");
  });
});

async function program(files: Record<string, string>) {
  const { value, diagnostics } = await compile(["main.thrift"], memoryReader(files));
  // the captured function streams without a struct, which Thriftgo lets through
  assertEquals(diagnostics.filter(({ severity, code }) => severity === "error" && code !== "UT5008"), []);
  return value.mains[0]!;
}

async function described(files: Record<string, string>): Promise<AstFile> {
  return describeModule(await program(files));
}
