import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { camelCase, snakeCase } from "../../../cli/scaffold/model.ts";

describe("names of files and constants", () => {
  for (
    const [name, file, constant] of [
      ["Greeter", "greeter", "greeter"],
      ["EchoService", "echo_service", "echoService"],
      ["HTTPServer2", "http_server2", "httpServer2"],
      ["HTTP", "http", "http"],
      ["user_api", "user_api", "user_api"],
      ["A", "a", "a"],
    ] as const
  ) {
    it(`of ${name} are ${file} and ${constant}`, () =>
      assertEquals([snakeCase(name), camelCase(name)], [file, constant]));
  }
});
