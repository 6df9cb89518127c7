import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { JsonNumber, parseJson, stringifyJson } from "../../../codecs/generic/json_text.ts";
import { RpcError } from "../../../lib/errors.ts";

const VALID = [
  "null",
  "true",
  "false",
  "0",
  "-1.5",
  '""',
  '"a\\"\\\\b\\nc"',
  "[]",
  "{}",
  '[1,[2,{"a":[null]}],"x"]',
  '{"a":1,"b":{"c":"d"},"":0}',
];

describe("parseJson", () => {
  it("reads what JSON.parse reads", () => {
    for (const text of VALID) assertEquals(parseJson(text), JSON.parse(text), text);
    assertEquals(parseJson(' \t{ "a" : [ 1 , 2 ] }\r\n'), { a: [1, 2] });
    assertEquals(parseJson('"\\u0041\\ud83d\\ude00\\/\\b\\f\\r\\t"'), "A\u{1f600}/\b\f\r\t");
  });

  it("keeps every digit", () => {
    for (const text of ["9007199254740993", "9007199254740993000", "0.1234567890123456789", "1e400", "1.50", "-0"]) {
      const number = parseJson(text);
      assertInstanceOf(number, JsonNumber);
      assertEquals(stringifyJson(number), text);
    }
    assertEquals(parseJson("9007199254740991"), Number.MAX_SAFE_INTEGER);
  });

  it("says where text is no JSON", () => {
    const cases: [text: string, error: string][] = [
      ["", "JSON line 1 column 1: expected a value, got the end"],
      ['{"a":1,\n  b: 2}', 'JSON line 2 column 3: expected a name in quotes, got "b"'],
      ["[1 2]", 'JSON line 1 column 4: expected "," or "]", got "2"'],
      ['{"a" 1}', 'JSON line 1 column 6: expected ":", got "1"'],
      ['{"a":1', 'JSON line 1 column 7: expected "," or "}", got the end'],
      ["nul", 'JSON line 1 column 1: expected a value, got "n"'],
      ["01", 'JSON line 1 column 2: expected the end, got "1"'],
      ['"abc', "JSON line 1 column 1: a string without an end"],
      ['"a\u0001"', "JSON line 1 column 3: a control character in a string: write it as an escape"],
      ['"\\x"', "JSON line 1 column 2: an escape that JSON does not have"],
      ['"\\u12g4"', "JSON line 1 column 2: an escape that JSON does not have"],
      ["[" + "[".repeat(250), "JSON line 1 column 202: nested deeper than 200"],
    ];
    for (const [text, error] of cases) assertThrows(() => parseJson(text), RpcError, error);
  });

  it("refuses every truncation of a value in brackets", () => {
    const text = '{"a":[1,"x\\u0041",{"b":null}],"c":-1.5e3}';
    for (let end = 0; end < text.length; end++) {
      assertThrows(() => parseJson(text.slice(0, end)), RpcError, "JSON line");
    }
  });

  it("takes members that every object seems to have for what they are", () => {
    const value = parseJson('{"__proto__":1,"constructor":2}') as Record<string, unknown>;
    assertEquals(Object.keys(value), ["__proto__", "constructor"]);
    assertEquals(Object.getPrototypeOf(value), Object.prototype);
  });
});

describe("stringifyJson", () => {
  it("writes what JSON.stringify writes", () => {
    for (const text of VALID) {
      const value = JSON.parse(text);
      assertEquals(stringifyJson(value), JSON.stringify(value));
      assertEquals(stringifyJson(value, { indent: 2 }), JSON.stringify(value, undefined, 2));
    }
    assertEquals(stringifyJson({ a: undefined, b: [undefined] }), '{"b":[null]}');
  });

  it("writes bigints, maps in their order, and minus zero", () => {
    assertEquals(
      stringifyJson({ a: 2n ** 63n, m: new Map([[10, -0], [9, 1]]) }),
      '{"a":9223372036854775808,"m":{"10":-0,"9":1}}',
    );
  });

  it("refuses what has no JSON", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    assertThrows(() => stringifyJson(cycle), RpcError, "nested deeper than 200");
    assertThrows(() => stringifyJson(NaN), RpcError, "JSON has no number NaN");
    assertThrows(() => stringifyJson(() => 1), RpcError, "JSON has no form for a function");
  });
});
