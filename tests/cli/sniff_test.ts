import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { run } from "../../cli/run.ts";
import { genericService } from "../../codecs/generic/generic_service.ts";
import { framed } from "../../codecs/thrift/protocol.ts";
import { createClient } from "../../lib/rpc/client.ts";
import { createServer } from "../../lib/rpc/server.ts";
import { auto } from "../../transports/auto.ts";
import { schemasOf } from "../codecs/generic/schemas.ts";
import { memoryPlatform } from "./memory_platform.ts";

const CALL = "80010001 00000003 616464 00000007 080001 0000012c 00";

async function sniff(
  args: readonly string[],
  settings: { readonly stdin?: string; readonly terminal?: boolean; readonly files?: Record<string, string> } = {},
): Promise<{ code: number; out: string; err: string }> {
  const { platform, printed } = memoryPlatform(["sniff", ...args], settings.files ?? {}, settings);
  const code = await run({ ...platform, stdin: new Blob([settings.stdin ?? ""]).stream() });
  return { code, ...printed };
}

describe("updraft sniff", () => {
  it("prints frames for people", async () => {
    assertEquals(await sniff(["--hex", CALL]), {
      code: 0,
      out:
        "@0 > thrift buffered CALL add seq 7 (23 bytes)\n  payload: binary\n  type: CALL\n  method: add\n  seqid: 7\n" +
        '  body: {"1 i32":300}\n',
      err: "",
    });
  });

  it("prints frames for programs", async () => {
    const { out } = await sniff(["-", "--json", "--from", "server"], { stdin: `${CALL}\n` });
    assertEquals(JSON.parse(out), {
      connection: 1,
      from: "server",
      protocol: "thrift buffered",
      offset: 0,
      bytes: 23,
      summary: "CALL add seq 7",
      payload: "binary",
      type: "CALL",
      method: "add",
      seqid: 7,
      body: { "1 i32": 300 },
    });
  });

  it("names fields by the IDL", async () => {
    const files = { "a.thrift": "service S { void add(1: i32 n) }" };
    assertStringIncludes((await sniff(["--hex", CALL, "--idl", "a.thrift"], { files })).out, '  body: {"n":300}\n');
  });

  it("ends with 1 for what it cannot read, and shows it", async () => {
    const { code, out } = await sniff(["--hex", "0000002080010001"]);
    assertEquals(code, 1);
    assertStringIncludes(out, "error: the bytes end within a frame: 28 of its 36 bytes are missing\n");
    assertStringIncludes(out, "  00000000  00 00 00 20 80 01 00 01                          |... ....|\n");
    assertEquals((await sniff(["--hex", "0102030405060708"])).code, 1);
  });

  it("lets no bytes speak to the terminal", async () => {
    const { out } = await sniff(["--hex", "80010001 00000003 1b5b41 00000007 00"], { terminal: true });
    assertStringIncludes(out, "\\u001b[A");
    assert(!out.includes("\x1b[A"));
  });

  it("knows what it was not told", async () => {
    const cases: [args: string[], text: string][] = [
      [[], "name a FILE, - or --hex DIGITS"],
      [["--listen", "127.0.0.1:0"], "a proxy needs both --listen and --to"],
      [["--listen", "127.0.0.1:0", "--to", "nowhere"], 'target "nowhere" has no port'],
      [["a", "b"], "one FILE at most, not b as well"],
    ];
    for (const [args, text] of cases) {
      const { code, err } = await sniff(args);
      assertEquals(code, 2);
      assertStringIncludes(err, text);
    }
    const { code, err } = await sniff(["--hex", "xyz"]);
    assertEquals([code, err], [1, "updraft: the text is neither hexadecimal digits nor a hexdump\n"]);
  });

  it("shows what passes through a proxy, and changes nothing", async () => {
    const { services } = await schemasOf("service S { binary echo(1: binary b) }");
    const service = genericService<"echo">(services[0]!, { binary: "bytes" });
    const server = await createServer({ transport: auto(), protocols: [framed()] })
      .add(service, { echo: (b) => b }).listen({ hostname: "127.0.0.1", port: 0 });
    const { platform, printed, interrupt } = memoryPlatform([
      "sniff",
      "--listen",
      "127.0.0.1:0",
      "--to",
      server.address,
      "--json",
    ]);
    let address = "";
    let listening = (): void => undefined;
    const ready = new Promise<void>((resolve) => listening = resolve);
    const stderr = {
      ...platform.stderr,
      write(text: string): Promise<void> {
        address ||= /listening on (\S+),/.exec(text)?.[1] ?? "";
        if (address !== "") listening();
        return platform.stderr.write(text);
      },
    };
    const ended = run({ ...platform, stderr });
    await ready;
    const client = createClient(service, { to: address, transport: auto(), protocol: framed() });
    const large = Uint8Array.from({ length: 6_000_000 }, (_, i) => i * 7);
    const small = new Uint8Array([1, 2, 3]);
    assertEquals(await client.echo(small), small);
    const echoes = await Promise.all([client.echo(large), client.echo(large)]) as Uint8Array[];
    for (const echo of echoes) {
      assertEquals(echo.length === large.length && echo.every((byte, i) => byte === large[i]), true);
    }
    await client.close();
    await server.close();
    interrupt();
    assertEquals(await ended, 0);
    const items = printed.out.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(
      items.filter(({ connection }) => connection === 1).slice(0, 2).map(({ from, summary }) => [from, summary]),
      [
        ["client", "CALL echo seq 1"],
        ["server", "REPLY echo seq 1"],
      ],
    );
    assertEquals(items.filter(({ protocol }) => protocol === "too large").length, 4);
  });

  it("drops a client when there is nobody to hand it on to", async () => {
    const { services } = await schemasOf("service S { void nop() }");
    const { platform, printed, interrupt } = memoryPlatform([
      "sniff",
      "--listen",
      "127.0.0.1:0",
      "--to",
      "unix:/nowhere/at/all",
    ]);
    let listening = (_address: string): void => undefined;
    const ready = new Promise<string>((resolve) => listening = resolve);
    const stderr = {
      ...platform.stderr,
      write(text: string): Promise<void> {
        const address = /listening on (\S+),/.exec(text)?.[1];
        if (address !== undefined) listening(address);
        return platform.stderr.write(text);
      },
    };
    const ended = run({ ...platform, stderr });
    const client = createClient(genericService<"nop">(services[0]!), {
      to: await ready,
      transport: auto(),
      protocol: framed(),
      timeoutMs: 10_000,
    });
    await client.nop().then(() => assert(false), (error) => assert(["transport", "connect"].includes(error.kind)));
    await client.close();
    interrupt();
    assertEquals(await ended, 0);
    assertStringIncludes(printed.err, "#1 closed: cannot connect to ");
  });
});
