/**
 * What every `Platform` must do, as one suite.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Platform } from "../../lib/platform.ts";
import { linesOf, rejectsAs, spawnScript, temporaryFolder, textOf } from "./fixtures.ts";
import { startNameServer } from "./name_server.ts";

/** Runs the suite on the platform of this runtime. */
export function platformSuite(load: () => Promise<Platform>): void {
  describe("files", () => fileTests(load));
  describe("watching files", () => watchTests(load));
  describe("child processes", () => processTests(load));
  describe("the process itself", () => ownTests(load));
}

function fileTests(load: () => Promise<Platform>): void {
  const folder = temporaryFolder();

  it("text and bytes written are read again", async () => {
    const { files } = await load();
    await files.write(`${folder()}/text`, "grüße\n");
    assertEquals(await files.readText(`${folder()}/text`), "grüße\n");
    const bytes = await files.read(`${folder()}/text`);
    assertEquals(bytes, new TextEncoder().encode("grüße\n"));
    assertEquals(Object.getPrototypeOf(bytes), Uint8Array.prototype);
    await files.write(`${folder()}/bytes`, Uint8Array.of(0, 255, 10));
    assertEquals(await files.read(`${folder()}/bytes`), Uint8Array.of(0, 255, 10));
  });

  it("a byte order mark is not part of the text", async () => {
    const { files } = await load();
    await files.write(`${folder()}/marked`, "\ufeffservice");
    assertEquals(await files.readText(`${folder()}/marked`), "service");
  });

  it("write replaces a file, through a link too, and leaves nothing else", async () => {
    const { files, spawn } = await load();
    const inside = `${folder()}/replace`;
    await files.makeDir(inside);
    await files.write(`${inside}/real`, "one");
    await (await spawn("ln", ["-s", "real", `${inside}/link`])).exited;
    await files.write(`${inside}/link`, "two");
    assertEquals(await files.readText(`${inside}/real`), "two");
    assertEquals((await files.list(inside)).map(({ name }) => name), ["link", "real"]);
    assertEquals(await files.realPath(`${inside}/link`), await files.realPath(`${inside}/real`));
  });

  it("write keeps the mode of what it replaces", async () => {
    const { files, spawn } = await load();
    const path = `${folder()}/script`;
    await files.write(path, "#!/bin/sh\necho old\n");
    await (await spawn("chmod", ["755", path])).exited;
    await files.write(path, "#!/bin/sh\necho new\n");
    assertEquals(await textOf((await spawn(path, [])).stdout), "new\n");
  });

  it("write refuses what is read-only", async () => {
    const { files, spawn } = await load();
    const path = `${folder()}/kept`;
    await files.write(path, "old");
    await (await spawn("chmod", ["444", path])).exited;
    const reason = await rejectsAs("invalid", () => files.write(path, "new"));
    assertEquals(reason.message, `cannot write ${path}: it is read-only`);
    assertEquals(await files.readText(path), "old");
  });

  it("list takes links that lead nowhere for nothing that can be read", async () => {
    const { files, spawn } = await load();
    const inside = `${folder()}/links`;
    await files.makeDir(inside);
    for (const [target, name] of [["nowhere", "dangling"], ["loop", "loop"]] as const) {
      await (await spawn("ln", ["-s", target, `${inside}/${name}`])).exited;
    }
    assertEquals(await files.list(inside), [{ name: "dangling", kind: "other" }, { name: "loop", kind: "other" }]);
  });

  it("a write that fails leaves no temporary file", async () => {
    const { files } = await load();
    const inside = `${folder()}/failing`;
    await files.makeDir(`${inside}/taken`);
    await rejectsAs("invalid", () => files.write(`${inside}/taken`, "x"));
    assertEquals((await files.list(inside)).map(({ name }) => name), ["taken"]);
  });

  it("stat tells files from folders, and null where nothing is", async () => {
    const { files } = await load();
    await files.write(`${folder()}/a`, "x");
    const file = await files.stat(`${folder()}/a`);
    assertEquals(file?.kind, "file");
    assert((file?.mtimeMs ?? 0) > Date.UTC(2020, 0), "a time of this decade");
    assertEquals((await files.stat(folder()))?.kind, "directory");
    assertEquals(await files.stat(`${folder()}/none`), null);
    assertEquals(await files.stat(`${folder()}/a/below`), null);
  });

  it("list sorts by name and follows links", async () => {
    const { files, spawn } = await load();
    const inside = `${folder()}/listed`;
    await files.makeDir(`${inside}/b/deep`);
    await files.write(`${inside}/a`, "");
    await files.write(`${inside}/Z`, "");
    await (await spawn("ln", ["-s", "b", `${inside}/c`])).exited;
    await (await spawn("ln", ["-s", "nowhere", `${inside}/d`])).exited;
    assertEquals(await files.list(inside), [
      { name: "Z", kind: "file" },
      { name: "a", kind: "file" },
      { name: "b", kind: "directory" },
      { name: "c", kind: "directory" },
      { name: "d", kind: "other" },
    ]);
  });

  it("remove takes whole folders, and nothing is fine", async () => {
    const { files } = await load();
    await files.makeDir(`${folder()}/tree/below`);
    await files.write(`${folder()}/tree/below/leaf`, "");
    await files.remove(`${folder()}/tree`);
    await files.remove(`${folder()}/tree`);
    assertEquals(await files.stat(`${folder()}/tree`), null);
  });

  it("temporary folders are new each time", async () => {
    const { files } = await load();
    const [one, two] = [await files.makeTempDir("updraft-a-"), await files.makeTempDir("updraft-a-")];
    assert(one !== two, "two folders");
    assertStringIncludes(one, "updraft-a-");
    await files.remove(one);
    await files.remove(two);
  });

  it("errors name the path and say what is wrong", async () => {
    const { files } = await load();
    const path = `${folder()}/missing`;
    const failures: [string, () => Promise<unknown>][] = [
      ["cannot read", () => files.read(path)],
      ["cannot read", () => files.readText(path)],
      ["cannot list", () => files.list(path)],
      ["cannot resolve", () => files.realPath(path)],
      ["cannot write", () => files.write(`${path}/below`, "")],
    ];
    for (const [what, fail] of failures) {
      const { message } = await rejectsAs("invalid", fail);
      assertStringIncludes(message, `${what} ${path}`);
      assertMatch(message, /: no such file or directory$/);
    }
    const asFolder = await rejectsAs("invalid", () => files.read(folder()));
    assertMatch(asFolder.message, /: is a directory$/);
  });
}

function watchTests(load: () => Promise<Platform>): void {
  const folder = temporaryFolder();
  // Deno 2.9 drops all watchers of a folder a moment after one of them, or of what is above it, was closed.
  const unwatched = temporaryFolder();

  /** Takes changes until one ends as wanted. */
  async function until(changes: AsyncIterable<{ path: string }>, end: string): Promise<string[]> {
    const seen: string[] = [];
    for await (const { path } of changes) {
      seen.push(path);
      if (path.endsWith(end)) break;
    }
    return seen;
  }

  it("reports files written, also in folders made later", async () => {
    const { files } = await load();
    const watched = `${folder()}/tree`;
    await files.makeDir(watched);
    const changes = files.watch([watched], new AbortController().signal);
    await files.makeDir(`${watched}/new/deep`);
    await files.write(`${watched}/new/deep/file.thrift`, "");
    const seen = await until(changes, "/new/deep/file.thrift");
    assertEquals(seen.filter((path) => path.endsWith(".tmp")), []);
  });

  it("reports changes and removals of what was there", async () => {
    const { files } = await load();
    const watched = `${folder()}/old`;
    await files.makeDir(`${watched}/below`);
    await files.write(`${watched}/below/one`, "1");
    await files.write(`${watched}/two`, "2");
    const changes = files.watch([watched], new AbortController().signal)[Symbol.asyncIterator]();
    await files.write(`${watched}/below/one`, "changed");
    await until(again(changes), "/below/one");
    await files.remove(`${watched}/two`);
    await until(again(changes), "/two");
    await changes.return?.();
  });

  it("a watched file is seen again and again, though each write replaces it, and nothing beside it", async () => {
    const { files } = await load();
    const path = `${folder()}/single.thrift`;
    await files.write(path, "1");
    const changes = files.watch([path], new AbortController().signal)[Symbol.asyncIterator]();
    for (let i = 0; i < 3; i++) {
      await files.write(`${folder()}/beside`, "x");
      await files.write(path, `${i}`);
      assertEquals((await until(again(changes), "single.thrift")).length, 1);
    }
    await changes.return?.();
  });

  it("ends when the signal fires", async () => {
    const { files } = await load();
    const stop = new AbortController();
    const changes = files.watch([folder()], stop.signal)[Symbol.asyncIterator]();
    const next = changes.next();
    stop.abort();
    assertEquals((await next).done, true);
    const already = files.watch([folder()], stop.signal)[Symbol.asyncIterator]();
    assertEquals((await already.next()).done, true);
  });

  it("a path that is not there is seen when something comes there", async () => {
    const { files } = await load();
    const changes = files.watch([`${unwatched()}/later`], new AbortController().signal);
    await files.write(`${unwatched()}/beside`, "x");
    await files.write(`${unwatched()}/later`, "x");
    assertEquals((await until(changes, "/later")).length, 1);
  });

  it("shallow, what is in folders of a folder is left out", async () => {
    const { files } = await load();
    const watched = `${folder()}/shallow`;
    await files.makeDir(`${watched}/below`);
    const changes = files.watch([watched], new AbortController().signal, { shallow: true });
    await files.write(`${watched}/below/one`, "1");
    await files.write(`${watched}/two`, "2");
    const seen = await until(changes, "/two");
    assertEquals(seen.filter((path) => path.endsWith("/one")), []);
  });

  it("a path whose folder is not there is an error", async () => {
    const { files } = await load();
    const changes = files.watch([`${folder()}/none/x`], new AbortController().signal)[Symbol.asyncIterator]();
    const { message } = await rejectsAs("invalid", () => changes.next());
    assertStringIncludes(message, `cannot watch ${folder()}/none/x: no such file or directory`);
  });
}

function processTests(load: () => Promise<Platform>): void {
  const folder = temporaryFolder();

  it("streams go in and come out", async () => {
    const { spawn } = await load();
    const child = await spawn("sh", ["-c", "cat; echo oops >&2; exit 7"]);
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("through "));
    await writer.write(new TextEncoder().encode("a pipe"));
    await writer.close();
    const output = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
    assertEquals(output, ["through a pipe", "oops\n"]);
    assertEquals(await child.exited, { code: 7 });
  });

  it("a megabyte goes through", async () => {
    const { spawn } = await load();
    const child = await spawn("cat", []);
    const writer = child.stdin.getWriter();
    const writing = writer.write(new Uint8Array(1024 * 1024).fill(65)).then(() => writer.close());
    const [text] = await Promise.all([textOf(child.stdout), writing, child.stderr.cancel()]);
    assertEquals(text.length, 1024 * 1024);
    await child.exited;
  });

  it("the folder and added variables are the child's", async () => {
    const { spawn, files } = await load();
    const child = await spawn("sh", ["-c", 'pwd -P; echo "$UPDRAFT_TEST"; test -n "$PATH"'], {
      cwd: folder(),
      env: { UPDRAFT_TEST: "a b" },
    });
    assertEquals(await textOf(child.stdout), `${await files.realPath(folder())}\na b\n`);
    assertEquals(await child.exited, { code: 0 });
  });

  it("arguments are passed as they are", async () => {
    const { spawn } = await load();
    const child = await spawn("printf", ["%s|", "a b", "$HOME", "*", ""]);
    assertEquals(await textOf(child.stdout), "a b|$HOME|*||");
  });

  it("kill ends it, with the signal's code", async () => {
    const { spawn } = await load();
    const gentle = await spawn("sleep", ["600"]);
    gentle.kill();
    assertEquals(await gentle.exited, { code: 143 });
    gentle.kill();
    const deaf = await spawn("sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 1; done"]);
    await linesOf(deaf.stdout).next();
    deaf.kill();
    deaf.kill(true);
    assertEquals(await deaf.exited, { code: 137 });
  });

  it("a child that reads nothing and ends is no error of ours", async () => {
    const { spawn } = await load();
    const child = await spawn("true", []);
    await child.exited;
    const writer = child.stdin.getWriter();
    const outcome = await writer.write(new Uint8Array(100_000)).then(() => "written", () => "refused");
    assert(["written", "refused"].includes(outcome), outcome);
    await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
  });

  it("a program that does not exist is named", async () => {
    const { spawn } = await load();
    const { message } = await rejectsAs("invalid", () => spawn("/no/such/program", []));
    assertStringIncludes(message, "/no/such/program");
    await rejectsAs("invalid", () => spawn("no-such-program-anywhere", []));
  });
}

function ownTests(load: () => Promise<Platform>): void {
  it("has a name, a folder, a path and an environment", async () => {
    const platform = await load();
    assert(["deno", "bun", "node"].includes(platform.name), platform.name);
    assertEquals((await platform.files.stat(platform.cwd()))?.kind, "directory");
    assertEquals((await platform.files.stat(platform.execPath))?.kind, "file");
    const [program, ...before] = platform.scriptCommand("/a b/script.ts");
    assertEquals([program, before.at(-1)], [platform.execPath, "/a b/script.ts"]);
    assert((platform.env("PATH") ?? "").length > 0, "PATH is set");
    assertEquals(platform.env("UPDRAFT_NOT_SET"), undefined);
  });

  it("resolves names, and knows which do not exist", async () => {
    const platform = await load();
    const addresses = await platform.resolve("localhost");
    assert(addresses.includes("127.0.0.1") || addresses.includes("::1"), addresses.join());
    assertEquals(new Set(addresses).size, addresses.length);
    await rejectsAs("connect", () => platform.resolve("nothing.invalid"));
  });

  it("asks name servers for addresses with their time and for services, and knows names without them", async () => {
    const server = await startNameServer({
      "host.test": { A: [["10.0.0.1", 7], ["10.0.0.2", 60]], AAAA: [["fd00::1", 9]] },
      "four.test": { A: [["10.0.0.3", 5]] },
      "_rpc._tcp.test": { SRV: [[10, 60, 8080, "host.test"], [20, 0, 8081, "four.test"]] },
      "broken.test": "failure",
    });
    try {
      const dns = (await load()).dns([server.address]);
      const told = (await dns.addresses("host.test")).map(({ address, ttlSeconds }) => `${address} ${ttlSeconds}`);
      assertEquals(told.sort(), ["10.0.0.1 7", "10.0.0.2 60", "fd00::1 9"]);
      assertEquals(await dns.addresses("four.test"), [{ address: "10.0.0.3", ttlSeconds: 5 }]);
      assertEquals(await dns.addresses("none.test"), []);
      assertEquals(await dns.addresses("::1"), [{ address: "::1", ttlSeconds: undefined }]);
      const records = await dns.services("_rpc._tcp.test");
      assertEquals(records.sort((a, b) => a.priority - b.priority), [
        { target: "host.test", port: 8080, priority: 10, weight: 60 },
        { target: "four.test", port: 8081, priority: 20, weight: 0 },
      ]);
      assertEquals(await dns.services("_other._tcp.test"), []);
      // Deno does not tell a server that failed from one that knows no record.
      const broken = [dns.services("broken.test"), dns.addresses("broken.test")].map((asked) =>
        asked.then((list) => list.length, (error) => error.kind)
      );
      for (const outcome of await Promise.all(broken)) assert(outcome === 0 || outcome === "connect", String(outcome));
    } finally {
      await server.close();
    }
    for (const odd of ["no address", "host.test:53", "1.2.3", "[::1"]) {
      await rejectsAs("invalid", async () => await (await load()).dns([odd]).addresses("host.test"));
    }
  });

  it("a program gets its arguments and input, writes both outputs, and sets its exit code", async () => {
    const child = await spawnScript("./platform_program.ts", ["report", "a b", "--flag"]);
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("from stdin"));
    await writer.close();
    const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
    assertEquals(JSON.parse(out), { args: ["report", "a b", "--flag"], input: "from stdin", isTerminal: false });
    assertEquals(err, "to stderr\n");
    assertEquals(await child.exited, { code: 5 });
  });

  it("a program may handle signals, and stop to", async () => {
    const child = await spawnScript("./platform_program.ts", ["signals"]);
    const lines = linesOf(child.stdout);
    assertEquals((await lines.next()).value, "ready");
    child.kill();
    assertEquals((await lines.next()).value, "SIGTERM");
    child.kill();
    assertEquals(await child.exited, { code: 143 });
    await child.stderr.cancel();
  });

  it("output that nobody reads is an error to catch, not the end of the program", async () => {
    const child = await spawnScript("./platform_program.ts", ["flood"]);
    await child.stdout.cancel();
    assertEquals(await textOf(child.stderr), "transport\n");
    assertEquals(await child.exited, { code: 0 });
  });
}

/** Goes on with an iterator in another loop, which does not end it when it is left. */
function again<T>(iterator: AsyncIterator<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
}
