import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  AllTypes,
  Color,
  EchoException,
  EchoExceptionSchema,
  EchoRequest,
  EchoService,
  Inner,
} from "../../codecs/thrift/sample.gen.ts";

describe("the schema of a generated service", () => {
  it("lists the methods in the order of the IDL, with what they take and give", () => {
    const lines = EchoService.methods.map(({ name, key, oneway, streaming, args, result }) => {
      const fields = [args, result].map(({ fields }) => fields.map((field) => `${field.id}:${field.key}`).join(" "));
      return `${name} ${key} ${streaming}${oneway ? " oneway" : ""} (${fields[0]}) -> (${fields[1]})`;
    });
    assertEquals(lines, [
      "echo echo unary (1:req) -> (0:success)",
      "add add unary (1:a 2:b) -> (0:success)",
      "ping ping unary () -> ()",
      "notify notify unary oneway (1:msg) -> ()",
      "fail fail unary (1:kind) -> (0:success 1:ex 2:other)",
    ]);
  });

  it("refers to the schemas of named types", () => {
    const [req] = EchoService.methods[0]!.args.fields;
    assertStrictEquals(req!.type.kind === "struct" && req!.type.of(), EchoRequest);
    const [child] = Inner.fields.filter(({ key }) => key === "child");
    assertStrictEquals(child!.type.kind === "struct" && child!.type.of(), Inner);
    const [venum] = AllTypes.fields.filter(({ key }) => key === "venum");
    assertEquals(venum!.type.kind === "enum" && venum!.type.of().values, Color);
  });

  it("makes exceptions, and exceptions know their schema", () => {
    const made = EchoExceptionSchema.make!({ code: 1, message: "m" });
    assertEquals(made instanceof EchoException && [made.code, made.message], [1, "m"]);
    assertStrictEquals(new EchoException({}).schema, EchoExceptionSchema);
  });
});
