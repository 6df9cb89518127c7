/**
 * Stories of header lists as connections see them, one after the other with the same tables: requests, answers, calls that
 * repeat what they said, tables that shrink and grow, octets of all sorts.
 *
 * @module
 */
import { HeaderList } from "../../../../codecs/http2/header_list.ts";
import { random } from "../hex.ts";

/** A field; `sensitive` ones must never enter a table. */
export interface StoryField {
  readonly name: string;
  readonly value: string;
  readonly sensitive: boolean;
}

/** A header list, and what the reader's table size was set to before it. */
export interface StoryStep {
  readonly sizes: readonly number[];
  readonly fields: readonly StoryField[];
}

/** What one direction of a connection says. */
export interface Story {
  readonly name: string;
  readonly steps: readonly StoryStep[];
}

/** Names that the encoder treats as credentials by itself. */
const CREDENTIALS: readonly string[] = ["authorization", "proxy-authorization", "cookie", "set-cookie"];

/** The step's fields as a list. */
export function listOf({ fields }: StoryStep): HeaderList {
  const list = new HeaderList();
  for (const { name, value, sensitive } of fields) list.add(name, value, sensitive);
  return list;
}

/** A list's fields, as a step has them. */
export function fieldsOf(list: HeaderList): StoryField[] {
  return [...list].map(([name, value], i) => ({ name, value, sensitive: list.isSensitive(i * 2) }));
}

/** All stories, the same in every run. */
export function stories(): Story[] {
  return [browser(), answers(), calls(), tables(), evictions(), octets(), lengths(), secrets(), chance()];
}

function step(pairs: readonly (readonly [string, string])[], sizes: readonly number[] = []): StoryStep {
  const fields = pairs.map(([name, value]) => ({ name, value, sensitive: CREDENTIALS.includes(name) }));
  return { sizes, fields };
}

function get(path: string, more: readonly (readonly [string, string])[] = []): (readonly [string, string])[] {
  return [
    [":method", "GET"],
    [":scheme", "https"],
    [":authority", "www.example.com"],
    [":path", path],
    ["user-agent", "Mozilla/5.0 (X11; Linux x86_64) Example/1.0"],
    ["accept-encoding", "gzip, deflate"],
    ["accept-language", "en-GB,en;q=0.7,de;q=0.3"],
    ...more,
  ];
}

/** A page, what is on it, and the page again. */
function browser(): Story {
  const page = [
    get("/", [["accept", "text/html"], ["cookie", "session=0123456789abcdef"]]),
    get("/style.css", [["accept", "text/css"], ["referer", "https://www.example.com/"]]),
    ...Array.from({ length: 12 }, (_, i) => get(`/images/${i}.png`, [["accept", "image/*"]])),
  ];
  return { name: "requests of a browser", steps: [...page, ...page].map((pairs) => step(pairs)) };
}

function answers(): Story {
  const statuses = ["200", "204", "206", "304", "400", "404", "500", "418", "503"];
  const steps = Array.from({ length: 60 }, (_, i) => {
    const pairs: [string, string][] = [
      [":status", statuses[i % statuses.length]!],
      ["date", `Sun, 29 Nov 2026 09:00:${String(Math.floor(i / 4)).padStart(2, "0")} GMT`],
      ["server", "example"],
      ["content-type", i % 3 === 0 ? "application/json" : "text/html; charset=utf-8"],
      ["content-length", String(i * 997)],
      ["etag", `"${(i * 7919).toString(16)}"`],
    ];
    if (i % 10 === 0) pairs.push(["set-cookie", `a=${i}; Secure`], ["set-cookie", `b=${i}; HttpOnly`]);
    if (i % 7 === 0) pairs.push(["cache-control", "max-age=3600"], ["vary", "accept-encoding"]);
    return step(pairs);
  });
  return { name: "answers of a server", steps };
}

function calls(): Story {
  const methods = ["/acme.Shop/Find", "/acme.Shop/Buy", "/grpc.health.v1.Health/Check"];
  const steps = Array.from({ length: 90 }, (_, i) =>
    step([
      [":method", "POST"],
      [":scheme", "http"],
      [":path", methods[i % methods.length]!],
      [":authority", "127.0.0.1:50051"],
      ["content-type", "application/grpc"],
      ["te", "trailers"],
      ["grpc-timeout", `${5_000_000 - i * 13}n`],
      ["x-trace-id", (i * 2654435761).toString(16)],
      ["x-tenant", `tenant-${i % 4}`],
    ]));
  return { name: "calls that differ in a trace id and a timeout", steps };
}

/** Table sizes from nothing to more than anyone uses, with the same list between them, and two changes at once. */
function tables(): Story {
  const list = get("/", [["x-first", "one of the values that stay"], ["x-second", "another of them"]]);
  const sizes = [[], [], [], [0], [], [1024], [], [], [100], [], [0, 4096], [], [], [8192], [], [64, 31, 2000], [], []];
  return { name: "tables that shrink and grow", steps: sizes.map((one) => step(list, one)) };
}

/** Values that come again but are too many, or too large, for the table. */
function evictions(): Story {
  const steps = Array.from({ length: 120 }, (_, i) => {
    const size = 100 + (i % 10) * 90;
    return step([["x-large", `${i % 7}`.repeat(size)], [`x-name-${i % 30}`, `value of ${i % 15}`], [
      "x-stays",
      "here",
    ]]);
  });
  steps.push(step([["x-huge", "h".repeat(5000)]]), step([["x-huge", "h".repeat(5000)]]), step([["x-stays", "here"]]));
  return { name: "more than a table holds", steps };
}

/** Every octet that a value may have, those with the longest codes in numbers. */
function octets(): Story {
  const all = Array.from({ length: 256 }, (_, i) => i).filter((i) => i >= 0x20 && i !== 0x7f || i === 9);
  const steps = all.map((code) => {
    const char = String.fromCharCode(code);
    return step([["x-one", `a${char}b`], ["x-many", `<${char.repeat(code % 40 + 1)}>`], ["x-empty", ""]]);
  });
  steps.push(step([["x-all", `-${String.fromCharCode(...all)}-`]]));
  return { name: "every octet", steps };
}

/** Strings about as long as where their lengths take one octet more. */
function lengths(): Story {
  const steps = [0, 1, 30, 31, 32, 126, 127, 128, 129, 200, 254, 255, 256, 382, 383, 16_510, 16_511, 40_000].map(
    (length) =>
      step([["x-plain", "~".repeat(length)], ["x-coded", "e".repeat(length)], [`n${"a".repeat(length)}`, "v"]]),
  );
  return { name: "lengths of strings", steps };
}

function secrets(): Story {
  const steps = Array.from({ length: 20 }, (_, i) => {
    const { sizes, fields } = step([["authorization", "Bearer abc.def"], ["x-api", "known"], ["x-plain", "plain"]]);
    return {
      sizes,
      fields: fields.map((field) => field.name === "x-api" ? { ...field, sensitive: i % 3 > 0 } : field),
    };
  });
  return { name: "what must not be indexed", steps };
}

function chance(): Story {
  const below = random(7541);
  const names = Array.from({ length: 40 }, (_, i) => `x-${i}-${"name".repeat(below(6))}`);
  const values = Array.from({ length: 60 }, () => {
    const value = Array.from({ length: below(90) }, () => String.fromCharCode(0x21 + below(below(2) === 0 ? 94 : 60)));
    return value.join("");
  });
  const steps = Array.from({ length: 300 }, () => {
    const fields = Array.from({ length: 1 + below(12) }, () => ({
      name: names[below(names.length)]!,
      value: values[below(values.length)]!,
      sensitive: below(9) === 0,
    }));
    return { sizes: below(15) === 0 ? [below(5000)] : [], fields };
  });
  return { name: "chance", steps };
}
