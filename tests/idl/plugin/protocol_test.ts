import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { WriteBuffer } from "../../../lib/io/write_buffer.ts";
import { RpcError } from "../../../lib/errors.ts";
import { AstFile, PluginRequest } from "../../../idl/plugin/gen/protocol.ts";
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  MAX_PLUGIN_BYTES,
} from "../../../idl/plugin/protocol.ts";
import { randomSource } from "../emit/random_values.ts";
import { capturedRequest } from "./vectors.ts";

describe("requests", () => {
  it("of Thriftgo are read, and written again byte for byte", () => {
    const request = decodeRequest(capturedRequest());
    assertEquals(request.version, "0.4.1");
    assertEquals(request.generatorParameters, ["package_prefix=p", "naming_style=golint"]);
    assertEquals(request.pluginParameters, ["foo=bar", "baz="]);
    assertEquals(request.ast.includes[0]?.reference?.enums[0]?.values[0]?.value, 1n);
    assertEquals(encodeRequest(request), capturedRequest());
  });
  it("that end early are errors, at every byte", () => {
    const bytes = capturedRequest();
    for (let length = 0; length < bytes.length; length++) {
      const error = assertThrows(() => decodeRequest(bytes.subarray(0, length)), RpcError);
      assertEquals(error.kind, "protocol", `${length} bytes`);
    }
  });
  it("with bytes changed are read or are errors, nothing else", () => {
    const random = randomSource(20260301);
    for (let i = 0; i < 2000; i++) {
      const bytes = capturedRequest();
      for (let n = 0; n < 3; n++) bytes[random(bytes.length)] = random(256);
      try {
        decodeRequest(bytes);
      } catch (error) {
        assert(error instanceof RpcError && error.kind === "protocol", String(error));
      }
    }
  });
  it("need only the request's own fields: what else is absent is empty", () => {
    const ast = AstFile.create({ filename: "x.thrift" });
    const request = PluginRequest.create({ ast });
    const bare = Uint8Array.of(
      ...[11, 0, 1, 0, 0, 0, 0], // version
      ...[15, 0, 2, 11, 0, 0, 0, 0, 15, 0, 3, 11, 0, 0, 0, 0], // parameters
      ...[11, 0, 4, 0, 0, 0, 0, 11, 0, 5, 0, 0, 0, 0, 2, 0, 6, 0], // language, output path, recursive
      ...[12, 0, 7, 11, 0, 1, 0, 0, 0, 8, ...new TextEncoder().encode("x.thrift"), 0, 0],
    );
    assertEquals(decodeRequest(bare), request);
    const error = assertThrows(() => decodeRequest(bare.subarray(7)), RpcError);
    assertEquals(error.message, "required field PluginRequest.version is not set");
  });
  it("may refer to a file that they hold already", () => {
    const request = diamond("THRIFGO_REF:base.thrift");
    const [left, right] = decodeRequest(encodeRequest(request)).ast.includes;
    const base = left?.reference?.includes[0]?.reference;
    assertEquals(base?.structs[0]?.name, "Base");
    assert(base === right?.reference?.includes[0]?.reference, "one object");
    const trailed = new Uint8Array([...encodeRequest(request), 1, 0xff]);
    assertEquals(decodeRequest(trailed).ast.includes.length, 2);
  });
  it("may not refer to a file that they do not hold", () => {
    const error = assertThrows(() => decodeRequest(encodeRequest(diamond("THRIFGO_REF:other.thrift"))), RpcError);
    assertEquals(error.message, "the request refers to other.thrift, which is not in it");
  });
  it("nest as deep as files include each other, up to a limit", () => {
    assertEquals(includeDepth(decodeRequest(encodeRequest(chain(300)))), 300);
    const error = assertThrows(() => encodeRequest(chain(600)), RpcError);
    assertEquals(error.message, "PluginRequest cannot be written, or nests deeper than 960");
    const w = new WriteBuffer();
    w.pos = PluginRequest.write(w, 0, chain(600), -2000);
    assertThrows(() => decodeRequest(w.written()), RpcError, "nested deeper than 960");
  });
});

describe("responses", () => {
  it("of one zero byte are empty", () => {
    assertEquals(decodeResponse(Uint8Array.of(0)), { error: undefined, contents: undefined, warnings: undefined });
  });
  it("are read as they were written", () => {
    const response = {
      error: undefined,
      contents: [{ content: "x", name: "a.ts", insertionPoint: undefined }, {
        content: "y",
        name: undefined,
        insertionPoint: "eof",
      }],
      warnings: ["w"],
    };
    assertEquals(decodeResponse(encodeResponse(response)), response);
  });
  it("that are text are errors", () => {
    for (const text of ["", "hello\n", "panic: runtime error", "\n\n"]) {
      const error = assertThrows(() => decodeResponse(new TextEncoder().encode(text)), RpcError);
      assertEquals(error.kind, "protocol");
    }
  });
  it("longer than the limit are refused before they are read", () => {
    const error = assertThrows(() => decodeResponse(new Uint8Array(MAX_PLUGIN_BYTES + 1)), RpcError);
    assertEquals(error.message, `${MAX_PLUGIN_BYTES + 1} bytes for a plugin exceed ${MAX_PLUGIN_BYTES}`);
  });
});

/** Two files that include a third, the second by a reference of this name. */
function diamond(reference: string): PluginRequest {
  const base = AstFile.create({ filename: "base.thrift", structs: [{ ...STRUCT, name: "Base" }] });
  const side = (filename: string, file: AstFile): AstFile =>
    AstFile.create({ filename, includes: [{ path: "base.thrift", reference: file, used: true }] });
  const ast = AstFile.create({
    filename: "main.thrift",
    includes: [
      { path: "left.thrift", reference: side("left.thrift", base), used: true },
      { path: "right.thrift", reference: side("right.thrift", AstFile.create({ filename: reference })), used: true },
    ],
  });
  return PluginRequest.create({ ast });
}

const STRUCT = { category: "struct", name: "", fields: [], annotations: [], comments: "" };

/** A file that includes one, that includes one ... */
function chain(length: number): PluginRequest {
  let ast = AstFile.create({ filename: "0.thrift" });
  for (let i = 1; i <= length; i++) {
    const path = `${i - 1}.thrift`;
    ast = AstFile.create({ filename: `${i}.thrift`, includes: [{ path, reference: ast, used: undefined }] });
  }
  return PluginRequest.create({ ast });
}

function includeDepth(request: PluginRequest): number {
  let depth = 0;
  for (let file = request.ast.includes[0]?.reference; file !== undefined; file = file.includes[0]?.reference) depth++;
  return depth;
}
