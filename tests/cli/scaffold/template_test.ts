import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { render } from "../../../cli/scaffold/template.ts";
import { RpcError } from "../../../lib/errors.ts";

const DATA = { name: "shop", empty: [], no: false, item: { a: "A" }, items: [{ n: 1, in: ["x"] }, { n: 2, in: [] }] };

describe("render", () => {
  for (
    const [template, text] of [
      ["plain { text } {{name}}", "plain { text } shop"],
      ["{{ item.a }}{{#item}}{{a}}{{name}}{{/item}}", "AAshop"],
      ["{{#items}}{{n}}{{#in}}{{.}}{{n}}{{/in}},{{/items}}", "1x1,2,"],
      ["{{^empty}}none{{/empty}}{{#empty}}some{{/empty}}{{^no}}no{{/no}}", "noneno"],
      ["a\n  {{#items}}\n  - {{n}}\n  {{/items}}\nb\n", "a\n  - 1\n  - 2\nb\n"],
      ["{{#items}}\n{{n}}\n{{/items}}\n", "1\n2\n"],
      ["{{#items}}\r\n{{n}}\r\n{{/items}}\r\n", "1\r\n2\r\n"],
    ] as const
  ) {
    it(`makes ${JSON.stringify(text)} of ${JSON.stringify(template)}`, () => {
      assertEquals(render(template, DATA, "t"), text);
    });
  }

  for (
    const [template, message] of [
      ["{{nme}}", "t: there is no nme to fill in"],
      ["{{item.b}}", "t: there is no item.b to fill in"],
      ["{{constructor}}", "t: there is no constructor to fill in"],
      ["{{#item}}", "t: {{#item}} does not end"],
      ["{{/item}}", "t: {{/item}} ends what did not begin"],
      ["{{#item}}{{#no}}{{/item}}{{/no}}", "t: {{/item}} ends what did not begin"],
    ] as const
  ) {
    it(`refuses ${template}`, () => {
      assertThrows(() => render(template, DATA, "t"), RpcError, message);
    });
  }

  it("takes time in proportion to the text, whatever is in it", () => {
    for (const part of ["{{", "}}", "{", " ", "\n", "{{ "]) render(part.repeat(100_000), DATA, "t");
  });
});
