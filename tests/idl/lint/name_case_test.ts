import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { commonCase, isInCase, NAME_CASES, toCase } from "../../../idl/lint/name_case.ts";

describe("cases of names", () => {
  it("tell how a name is written", () => {
    const casesOf = (name: string): string[] => NAME_CASES.filter((style) => isInCase(name, style));
    assertEquals(casesOf("user"), ["snake", "camel"]);
    assertEquals(casesOf("user_id2"), ["snake"]);
    assertEquals(casesOf("userID"), ["camel"]);
    assertEquals(casesOf("UserID"), ["pascal"]);
    assertEquals(casesOf("USER"), ["pascal", "upper_snake"]);
    assertEquals(casesOf("USER_ID"), ["upper_snake"]);
    assertEquals(["_user", "user_", "user__id", "User_Id", "2user"].flatMap(casesOf), []);
  });
  it("write a name in any of them", () => {
    for (const name of ["http_server2_id", "HTTPServer2Id", "httpServer2Id", "HTTP_SERVER2_ID", "_http__server2_id_"]) {
      assertEquals(NAME_CASES.map((style) => toCase(name, style)), [
        "http_server2_id",
        "httpServer2Id",
        "HttpServer2Id",
        "HTTP_SERVER2_ID",
      ]);
    }
  });
  it("find the one that most names have", () => {
    assertEquals(commonCase([]), "snake");
    assertEquals(commonCase(["a", "b", "aB"]), "camel");
    assertEquals(commonCase(["a_b", "aB"]), "snake");
    assertEquals(commonCase(["A", "A_B", "aB", "Ab"]), "pascal");
  });
});
