import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createInstance } from "../../../lib/discovery/instance.ts";
import type { ResolutionSink } from "../../../lib/discovery/resolver.ts";
import { snapshot } from "../../../lib/discovery/snapshot.ts";
import { RpcError } from "../../../lib/errors.ts";
import { ManualClock } from "../io/manual_clock.ts";
import { Heard, settle } from "./heard.ts";

const PATH = "snapshots/fake%2Cecho%2Cidc%3Dnorth.json";
const one = createInstance({ address: "10.0.0.1:80", weight: 7, tags: { idc: "north" }, startedAtMs: 5 });
const two = createInstance({ address: "10.0.0.2:80" });
const away = new RpcError("connect", "registry away");

function start(stored: Map<string, string>, broken = false) {
  const heard = new Heard();
  const errors: string[] = [];
  const writes: string[] = [];
  let sink: ResolutionSink | undefined;
  const resolver = snapshot({
    name: "fake",
    resolve(_target, to) {
      sink = to;
      return { refresh: () => {}, close: () => {} };
    },
  }, {
    folder: "snapshots",
    files: {
      stat: (path) => Promise.resolve(stored.has(path) ? { kind: "file" as const, mtimeMs: 0 } : null),
      readText: (path) => Promise.resolve(stored.get(path)!),
      makeDir: () => Promise.resolve(),
      write(path, content) {
        if (broken) return Promise.reject(new RpcError("invalid", "disk full"));
        writes.push(String(content));
        stored.set(path, String(content));
        return Promise.resolve();
      },
    },
    onError: ({ message }) => errors.push(message),
  });
  const resolution = resolver.resolve({ name: "echo", tags: { idc: "north" } }, heard, new ManualClock());
  return { heard, errors, writes, resolution, sink: sink! };
}

describe("snapshot", () => {
  it("gives the list of the last run when the registry is away at the start", async () => {
    const stored = new Map<string, string>();
    start(stored).sink.update([one, two]);
    await settle();
    assertEquals([...stored.keys()], [PATH]);
    const { heard, sink } = start(stored);
    sink.failed(away);
    await heard.until(2);
    assertEquals(heard.told, ["10.0.0.1:80 10.0.0.2:80", "! registry away"]);
    assertEquals(heard.instances[0], one);
  });

  it("does not put an old list over a fresh one, or tell anything after its end", async () => {
    const stored = new Map([[PATH, '[{"address":"10.9.9.9:1"}]']]);
    const first = start(stored);
    first.sink.failed(away);
    first.sink.update([one]);
    await settle();
    assertEquals(first.heard.told, ["10.0.0.1:80", "! registry away"]);
    const second = start(stored);
    second.sink.failed(away);
    second.resolution.close();
    await settle();
    assertEquals(second.heard.told, []);
  });

  it("writes the newest list after those that came meanwhile, and no empty one", async () => {
    const { sink, writes } = start(new Map());
    sink.update([one]);
    sink.update([two]);
    sink.update([one, two]);
    sink.update([]);
    await settle();
    assertEquals(writes.map((text) => JSON.parse(text).length), [1, 2]);
  });

  it("passes the registry's failure on where there is no file, or none that makes sense, and says which", async () => {
    const none = start(new Map());
    none.sink.failed(away);
    assertEquals(await none.heard.until(1), "! registry away");
    for (
      const [text, why] of [["{", `${PATH} is no JSON`], ["{}", `${PATH} is no list`], [
        "[{}]",
        `${PATH}: there is no address`,
      ]]
    ) {
      const { heard, errors, sink } = start(new Map([[PATH, text!]]));
      sink.failed(away);
      assertEquals(await heard.until(1), "! registry away");
      assertEquals(errors, [why]);
    }
  });

  it("goes on where nothing can be written", async () => {
    const { heard, errors, sink } = start(new Map(), true);
    sink.update([one]);
    await settle();
    sink.update([two]);
    await settle();
    assertEquals([heard.told.length, errors], [2, ["disk full", "disk full"]]);
  });
});
