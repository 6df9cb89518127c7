import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { allMethods, ownMethods } from "../../idl/shapes.ts";
import { compileText } from "./checks.ts";

describe("allMethods", () => {
  it("gives the methods of a base the keys that they have there", async () => {
    const { value } = await compileText(`service Base { void then() void get() }
service Middle extends Base { void then_() void constructor() }
service Last extends Middle { void then__() void constructor_() }
`);
    const services = (value.mains[0]?.definitions ?? []).filter((def) => def.kind === "service");
    assertEquals(services.map((service) => allMethods(service).map(({ key }) => key).join(" ")), [
      "then_ get",
      "then_ get then__ constructor_",
      "then_ get then__ constructor_ then___ constructor__",
    ]);
    assertEquals(services.map((service) => ownMethods(service).map(({ key }) => key).join(" ")), [
      "then_ get",
      "then__ constructor_",
      "then___ constructor__",
    ]);
  });
});
