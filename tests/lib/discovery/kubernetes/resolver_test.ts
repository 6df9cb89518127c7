import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { kubernetesResolver } from "../../../../lib/discovery/kubernetes/resolver.ts";
import { RpcError } from "../../../../lib/errors.ts";
import { ManualClock } from "../../io/manual_clock.ts";
import { FakeHttp } from "../fake_http.ts";
import { Heard, settle } from "../heard.ts";

// The answers are written by hand from the API's public documentation; no cluster takes part.

const LIST =
  "GET /apis/discovery.k8s.io/v1/namespaces/shop/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Decho";
const watchFrom = (version: string): string =>
  `${LIST}&watch=1&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=${version}`;

function endpoint(address: string, ready: boolean | undefined = true, zone = "z1"): object {
  return { addresses: [address], conditions: ready === undefined ? {} : { ready }, zone, nodeName: "n1" };
}

function slice(name: string, version: string, ...endpoints: object[]): object {
  return {
    metadata: { name, resourceVersion: version },
    addressType: "IPv4",
    ports: [{ name: "metrics", port: 9090 }, { name: "rpc", port: 8888 }],
    endpoints,
  };
}

function list(version: string, ...items: object[]): Response {
  return Response.json({ kind: "EndpointSliceList", metadata: { resourceVersion: version }, items });
}

/** The answer of a watch, and what puts events into it. */
function stream(): { response: Response; send: (...events: object[]) => void; end: () => void } {
  let to!: ReadableStreamDefaultController<Uint8Array>;
  const response = new Response(new ReadableStream<Uint8Array>({ start: (controller) => void (to = controller) }));
  return {
    response,
    send: (...events) =>
      to.enqueue(new TextEncoder().encode(events.map((event) => JSON.stringify(event) + "\n").join(""))),
    end: () => to.close(),
  };
}

function start(name = "echo:rpc", tags: Record<string, string> = {}, given?: () => Promise<string>) {
  const clock = new ManualClock();
  const http = new FakeHttp();
  const heard = new Heard();
  const errors: string[] = [];
  let tokens = 0;
  const resolver = kubernetesResolver({
    endpoints: ["https://10.0.0.1"],
    namespace: "shop",
    token: given ?? (() => `token-${++tokens}\n`),
    fetch: http.fetch,
    clock,
    random: () => 0.5,
    onError: ({ message }) => errors.push(message),
  });
  return { clock, http, heard, errors, resolution: resolver.resolve({ name, tags }, heard, clock) };
}

describe("kubernetesResolver", () => {
  it("lists the slices of a service, then watches from the list's version, each time with a new token", async () => {
    const { clock, http, heard, resolution } = start();
    const asked = await http.request(0);
    assertEquals([asked.line, asked.headers.get("authorization")], [LIST, "Bearer token-1"]);
    asked.answer(
      list(
        "7",
        slice("a", "5", endpoint("10.1.0.1"), endpoint("10.1.0.2", false)),
        slice("b", "6", endpoint("10.1.0.3", undefined)),
      ),
    );
    assertEquals(await heard.until(1), "10.1.0.1:8888 10.1.0.3:8888");
    assertEquals(heard.instances[0]!.tags, { zone: "z1", node: "n1" });
    const watch = await http.request(1);
    assertEquals([watch.line, watch.headers.get("authorization")], [watchFrom("7"), "Bearer token-2"]);
    const events = stream();
    watch.answer(events.response);
    events.send({ type: "MODIFIED", object: slice("a", "8", endpoint("10.1.0.1", false), endpoint("10.1.0.2")) });
    assertEquals(await heard.until(2), "10.1.0.2:8888 10.1.0.3:8888");
    events.send({ type: "DELETED", object: slice("b", "9") }, {
      type: "ADDED",
      object: slice("c", "10", endpoint("10.1.0.2")),
    });
    assertEquals(await heard.until(4), "10.1.0.2:8888");
    resolution.close();
    await settle();
    assertEquals(clock.pending, 0);
    assert(watch.left());
  });

  it("goes on from the last version it heard of when a watch ends, bookmarks included", async () => {
    const { clock, http, heard, resolution } = start();
    (await http.request(0)).answer(list("7", slice("a", "5", endpoint("10.1.0.1"))));
    const events = stream();
    (await http.request(1)).answer(events.response);
    events.send({ type: "BOOKMARK", object: { metadata: { resourceVersion: "99" } } });
    events.end();
    await settle();
    clock.advance(100);
    assertEquals((await http.request(2)).line, watchFrom("99"));
    assertEquals(heard.told.length, 1);
    resolution.close();
  });

  it("reads all again when the server has forgotten the version, told either way, and fails nothing", async () => {
    for (const told of ["event", "status"]) {
      const { clock, http, heard, errors, resolution } = start();
      (await http.request(0)).answer(list("7", slice("a", "5", endpoint("10.1.0.1"))));
      const watch = await http.request(1);
      if (told === "status") watch.answer(new Response("too old", { status: 410 }));
      else watch.answer(new Response('{"type":"ERROR","object":{"kind":"Status","code":410}}\n'));
      await settle();
      for (let i = 0; i < 4; i++) {
        clock.advance(250);
        await settle();
      }
      const again = await http.request(2);
      assertEquals(again.line, LIST);
      again.answer(list("20", slice("z", "19", endpoint("10.1.0.9"))));
      assertEquals([await heard.until(2), errors.length], ["10.1.0.9:8888", 0]);
      resolution.close();
    }
  });

  it("gives up a watch that is silent for longer than the server keeps one, and goes on from its version", async () => {
    const { clock, http, heard, errors, resolution } = start();
    (await http.request(0)).answer(list("7", slice("a", "5", endpoint("10.1.0.1"))));
    const watch = await http.request(1);
    watch.answer(stream().response);
    await settle();
    clock.advance(309_999);
    await settle();
    assert(!watch.left());
    clock.advance(1);
    await settle();
    assert(watch.left());
    clock.advance(100);
    assertEquals((await http.request(2)).line, watchFrom("7"));
    assertEquals([heard.told.length, errors.length], [1, 0]);
    resolution.close();
    await settle();
    assertEquals(clock.pending, 0);
  });

  it("does not wait for a token for ever, and leaves no timer when it is closed meanwhile", async () => {
    const { clock, heard, resolution } = start("echo", {}, () => new Promise(() => {}));
    await settle();
    clock.advance(10_000);
    assertEquals(await heard.until(1), "! no answer of token within 10000 ms");
    await settle();
    clock.advance(250);
    await settle();
    resolution.close();
    await settle();
    assertEquals([clock.pending, heard.told.length], [0, 1]);
  });

  it("keeps the list while the server is away", async () => {
    const { clock, http, heard, errors, resolution } = start();
    (await http.request(0)).answer(list("7", slice("a", "5", endpoint("10.1.0.1"))));
    (await http.request(1)).fail();
    assertEquals([await heard.until(2), heard.instances.length, errors.length], ["! refused", 1, 1]);
    await settle();
    clock.advance(250);
    (await http.request(2)).answer(new Response("who are you", { status: 401 }));
    assertEquals(await heard.until(3), "! https://10.0.0.1 answered 401: who are you");
    resolution.close();
  });

  it("takes a port by number, by name, or the first; a namespace from the name; and chooses by tags", async () => {
    const ports: Record<string, string> = { "echo": "9090", "echo:8888": "8888", "echo.other:rpc": "8888" };
    for (const [name, port] of Object.entries(ports)) {
      const { http, heard, resolution } = start(name, { zone: "z2" });
      const asked = await http.request(0);
      assert(asked.line.includes(name.includes(".") ? "/namespaces/other/" : "/namespaces/shop/"));
      asked.answer(list("7", slice("a", "5", endpoint("10.1.0.1"), endpoint("fd00::1", true, "z2"))));
      assertEquals(await heard.until(1), `[fd00::1]:${port}`);
      resolution.close();
    }
  });

  it("leaves out what makes no sense, and says so", async () => {
    const { http, heard, errors, resolution } = start();
    const noPort = {
      metadata: { name: "p" },
      ports: [{ name: "rpc", port: 70_000 }],
      endpoints: [endpoint("10.1.0.5")],
    };
    (await http.request(0)).answer(list("7", slice("a", "5", {}, endpoint("10.1.0.1")), noPort));
    assertEquals(await heard.until(1), "10.1.0.1:8888");
    assertEquals(errors, ["the slice a has an endpoint without an address", "the slice p has no port rpc"]);
    resolution.close();
  });

  it("refuses names that no service can have", () => {
    for (const name of ["", "a/b", "a.b.c", "a:b:c", "Echo"]) {
      assertThrows(() => start(name), RpcError, "is none of service");
    }
  });
});
