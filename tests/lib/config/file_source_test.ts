import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileConfig } from "../../../lib/config/file_source.ts";
import type { ConfigKey } from "../../../lib/config/source.ts";
import { memoryPlatform } from "../../cli/memory_platform.ts";

const PATH = "/etc/kitex.json";
const RETRY: ConfigKey = { client: "Web", server: "Echo", category: "retry" };

function setup(text: string) {
  const { platform, edit } = memoryPlatform([], { [PATH]: text });
  const source = fileConfig({ path: PATH, files: platform.files });
  const told: string[] = [];
  const waiting: (() => void)[] = [];
  const tell = (line: string): void => {
    told.push(line);
    for (const go of waiting.splice(0)) go();
  };
  const follow = (key: ConfigKey): () => void =>
    source.follow(key, {
      update: (value) => tell(`${key.category} ${JSON.stringify(value)}`),
      failed: ({ kind, message }) => tell(`${key.category} ${kind}: ${message}`),
    });
  /** Waits until something was told, and gives all that was since the last time. */
  const next = async (): Promise<string[]> => {
    if (told.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    return told.splice(0);
  };
  return {
    follow,
    next,
    told,
    edit: (text: unknown) => edit(PATH, typeof text === "string" ? text : JSON.stringify(text)),
  };
}

describe("configuration from a file", () => {
  it("is found by Kitex's names", async () => {
    const { follow, next } = setup(JSON.stringify({
      "Web/Echo": { retry: 1, timeout: 2, circuitbreaker: 3, degradation: 4 },
      Echo: { limit: 5 },
    }));
    const all: string[] = [];
    for (const category of ["retry", "rpc_timeout", "circuit_break", "degradation"] as const) {
      const stop = follow({ ...RETRY, category });
      all.push(...await next());
      stop();
    }
    const stop = follow({ server: "Echo", category: "limit" });
    all.push(...await next());
    stop();
    assertEquals(all, ["retry 1", "rpc_timeout 2", "circuit_break 3", "degradation 4", "limit 5"]);
  });

  it("is told again when it changed, and only then; what is gone is told as undefined", async () => {
    const { follow, next, edit } = setup("{}");
    const stop = follow(RETRY);
    assertEquals(await next(), ["retry undefined"]);
    edit({ "Web/Echo": { retry: { a: 1 } } });
    assertEquals(await next(), ['retry {"a":1}']);
    edit({ "Web/Echo": { retry: { a: 1 } }, other: 1 });
    edit({ "Web/Echo": { retry: { a: 2 } } });
    assertEquals(await next(), ['retry {"a":2}']);
    edit({});
    assertEquals(await next(), ["retry undefined"]);
    stop();
  });

  it("stays as it was when the file becomes unreadable, which is told", async () => {
    const { follow, next, edit } = setup('{ "Web/Echo": { "retry": 1 } }');
    const stop = follow(RETRY);
    assertEquals(await next(), ["retry 1"]);
    edit("{");
    const [line = ""] = await next();
    assert(line.startsWith(`retry invalid: ${PATH} is no JSON: `), line);
    edit("[]");
    assertEquals(await next(), [`retry invalid: ${PATH} is no JSON object`]);
    edit({ "Web/Echo": { retry: 2 } });
    assertEquals(await next(), ["retry 2"]);
    stop();
  });

  it("tells a failure once, however often the file is read, and again after a good one", async () => {
    const { follow, next, edit, told } = setup("[]");
    const stop = follow(RETRY);
    const failure = `invalid: ${PATH} is no JSON object`;
    assertEquals(await next(), [`retry ${failure}`]);
    const alsoStop = follow({ ...RETRY, category: "degradation" });
    assertEquals(await next(), [`degradation ${failure}`]);
    edit("[ ]");
    edit("{}");
    while (told.length < 2) await next().then((lines) => told.push(...lines));
    assertEquals(told.splice(0), ["retry undefined", "degradation undefined"]);
    edit("[]");
    assertEquals(await next(), [`retry ${failure}`, `degradation ${failure}`]);
    stop();
    alsoStop();
  });

  it("is not read any more once nobody follows it", async () => {
    const { follow, next, edit, told } = setup("{}");
    const stop = follow(RETRY);
    await next();
    stop();
    edit({ "Web/Echo": { retry: 3 } });
    const again = follow({ server: "Echo", category: "limit" });
    assertEquals(await next(), ["limit undefined"]);
    assertEquals(told, []);
    again();
  });
});
