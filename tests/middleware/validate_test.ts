import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { validate, ViolationError, violationsOf } from "../../middleware/validate.ts";
import { RpcError } from "../../lib/errors.ts";
import { createClient, createServer } from "../../mod.ts";
import { memory } from "../../transports/memory.ts";
import type { Middleware } from "../../lib/rpc/middleware.ts";
import type { ServiceValidators } from "../../lib/schema/violation.ts";
import { Failure, Free, Inner, Ruled, type RuledHandlers, RuledValidators, Rules } from "../golden/rules.ts";

/** A value that keeps all rules of `Rules`. */
function valid(): Rules {
  return Rules.create({
    number: 20,
    big: 1n,
    real: 1.5,
    flag: true,
    other: "xx",
    level: 1,
    numbers: [],
    inners: new Map([["k", Inner.create()]]),
    maybe: Inner.create(),
  });
}

interface Setup {
  readonly server?: readonly Middleware[];
  readonly client?: readonly Middleware[];
  readonly handlers?: Partial<RuledHandlers>;
}

/** Calls `act` with a client, and gives the names of the handlers that ran. */
async function withClient(
  setup: Setup,
  act: (client: Awaited<ReturnType<typeof connect>>) => Promise<void>,
): Promise<string[]> {
  const ran: string[] = [];
  const transport = memory();
  const handlers: RuledHandlers = {
    ping: (free) => (ran.push("ping"), free),
    check: (rules) => (ran.push("check"), rules),
    all: () => (ran.push("all"), []),
    plain: () => void ran.push("plain"),
    ...setup.handlers,
  };
  const server = await createServer({ transport, use: setup.server ?? [] }).add(Ruled, handlers).listen({
    hostname: "h",
    port: 1,
  });
  const client = connect(server.address, transport, setup.client ?? []);
  try {
    await act(client);
  } finally {
    await client.close();
    await server.close();
  }
  return ran;
}

function connect(to: string, transport: ReturnType<typeof memory>, use: readonly Middleware[]) {
  return createClient(Ruled, { to, transport, use });
}

/** The error a call rejects with. */
async function errorOf(outcome: Promise<unknown>): Promise<RpcError> {
  return await assertRejects(() => outcome, RpcError);
}

describe("validate", () => {
  it("on a client refuses bad arguments before anything is sent", async () => {
    const ran = await withClient({ client: [validate(RuledValidators)] }, async (client) => {
      const error = await errorOf(client.check(valid(), "", "x"));
      assertEquals([error.kind, error.remote, error.retryable], ["invalid", false, false]);
      const paths = violationsOf(error).map(({ path, rule }) => `${path} ${rule}`);
      assert(
        paths.includes("name min_size") && paths.includes("name suffix") && paths.includes("rules.numbers min_size"),
      );
      assert(error.message.startsWith("arguments of Ruled.check: rules.text "), error.message);
    });
    assertEquals(ran, []);
  });
  it("on a server answers bad arguments as a protocol error that names paths but no values", async () => {
    const ran = await withClient({ server: [validate(RuledValidators)] }, async (client) => {
      const error = await errorOf(client.check({ ...valid(), text: "SECRET" }, "name", "me"));
      assertEquals([error.kind, error.remote, error.code], ["protocol", true, 7]);
      assert(error.message.includes("rules.text must match ^[a-z]+$ (pattern)"), error.message);
      assert(!error.message.includes("SECRET"));
      assertEquals(violationsOf(error), []);
    });
    assertEquals(ran, []);
  });
  it("lets calls through that keep the rules, and methods and services that have none", async () => {
    const ran = await withClient(
      { server: [validate(RuledValidators)], client: [validate([RuledValidators])] },
      async (client) => {
        assertEquals((await client.ping({ anything: "" })).anything, "");
        await client.plain(-1);
        assertEquals(await client.all(), []);
      },
    );
    assertEquals(ran, ["ping", "plain", "all"]);
  });
  it("checks results only when told to, each side in its own words", async () => {
    const handlers = { all: () => Promise.resolve([Inner.create(), Inner.create({ a: -1 })]) };
    await withClient(
      { handlers, server: [validate(RuledValidators)], client: [validate(RuledValidators)] },
      async (client) => {
        assertEquals((await client.all()).length, 2);
      },
    );
    await withClient({ handlers, client: [validate(RuledValidators, { results: true })] }, async (client) => {
      const error = await errorOf(client.all());
      assertEquals([error.kind, error.remote, error.message], [
        "protocol",
        false,
        "result of Ruled.all: [1].a must be 0 at least (ge)",
      ]);
    });
    await withClient({ handlers, server: [validate(RuledValidators, { results: true })] }, async (client) => {
      const error = await errorOf(client.all());
      assertEquals([error.kind, error.remote, error.code], ["internal", true, 6]);
    });
  });
  it("checks the result of a handler that answers at once without a promise", () => {
    const run = validate(RuledValidators, { results: true })(() => [Inner.create()]);
    const method = Ruled.methods.find(({ name }) => name === "all");
    assert(method !== undefined);
    const call = { service: Ruled, method, args: {}, side: "server" } as unknown as Parameters<typeof run>[0];
    assertEquals(run(call), [Inner.create()]);
    const error = (() => {
      try {
        return validate(RuledValidators, { results: true })(() => [Inner.create({ a: -1 })])(call);
      } catch (error) {
        return error;
      }
    })();
    assert(error instanceof RpcError && error.kind === "internal");
  });
  it("leaves values that do not fit their types to the codec", async () => {
    await withClient({ client: [validate(RuledValidators)] }, async (client) => {
      const odd = {
        ...valid(),
        text: 5,
        inners: 7,
        numbers: new Set(),
        small_set: "x",
        unchecked: null,
        checked: [null],
      };
      const error = await errorOf(client.check(odd as unknown as Rules, "n", "n"));
      assertEquals(error.kind, "invalid");
    });
  });
  it("tells of ten broken rules and counts the others", () => {
    const violations = Array.from(
      { length: 12 },
      (_, i) => ({ path: `a[${i}]`, rule: "gt", value: "1", message: "must be 2" }),
    );
    const { message } = new ViolationError(violations);
    assert(message.startsWith("a[0] must be 2 (gt); a[1]") && message.endsWith("(gt); and 2 more"), message);
  });
  it("shortens paths in messages, not in violations", () => {
    const path = `a[${"k".repeat(5_000)}].b`;
    const error = new ViolationError([{ path, rule: "gt", value: "1", message: "must be 2" }]);
    assert(error.message.startsWith("a[kkk") && error.message.endsWith("kkk].b must be 2 (gt)"), error.message);
    assert(error.message.length < 250);
    assertEquals(error.violations[0]?.path, path);
  });
  it("does not take what objects inherit for validators", () => {
    const odd: ServiceValidators = {
      service: { ...Ruled, methods: [{ ...Ruled.methods[0]!, name: "constructor" }] },
      methods: {},
    };
    const outcome = validate(odd)(() => "ran")(
      { method: odd.service.methods[0] } as unknown as Parameters<ReturnType<Middleware>>[0],
    );
    assertEquals(outcome, "ran");
  });
});

describe("violationsOf", () => {
  it("gives none for other errors", () => {
    for (const error of [undefined, new Error("x"), new RpcError("invalid", "x"), new Failure(), Free.create()]) {
      assertEquals(violationsOf(error), []);
    }
  });
});
