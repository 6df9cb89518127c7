/**
 * `validate` on methods that stream.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Client, createClient, createServer, type Middleware, RpcError } from "../../mod.ts";
import { validate, violationsOf } from "../../middleware/validate.ts";
import { memory } from "../../transports/memory.ts";
import {
  Inner,
  RuledStreams,
  type RuledStreamsClient,
  type RuledStreamsHandlers,
  RuledStreamsValidators,
} from "../golden/rules.ts";

const good = Inner.create({ a: 1 });
const bad = Inner.create({ a: -1 });

async function* of(...messages: Inner[]): AsyncGenerator<Inner> {
  yield* messages;
}

/** Calls `act` with a client of a server that sends `sends`; gives what its handlers got. */
async function withClient(
  setup: { server?: Middleware; client?: Middleware; sends?: Inner[] },
  act: (client: Client<RuledStreamsClient>) => Promise<void>,
): Promise<Inner[]> {
  const transport = memory();
  const got: Inner[] = [];
  const { sends = [good] } = setup;
  const handlers: RuledStreamsHandlers = {
    async up(messages) {
      for await (const message of messages) got.push(message);
      return sends[0]!;
    },
    async *down(message) {
      got.push(message);
      yield* sends;
    },
    async *both(messages) {
      for await (const message of messages) got.push(message);
      yield* sends;
    },
  };
  const server = await createServer({ transport, use: setup.server === undefined ? [] : [setup.server] })
    .add(RuledStreams, handlers)
    .listen({ path: "server" });
  const use = setup.client === undefined ? [] : [setup.client];
  const client = createClient(RuledStreams, { to: server.address, transport, use });
  try {
    await act(client);
  } finally {
    await client.close();
    await server.close();
  }
  return got;
}

async function all(messages: AsyncIterable<Inner>): Promise<number[]> {
  const got: number[] = [];
  for await (const { a } of messages) got.push(a);
  return got;
}

const refused = async (outcome: Promise<unknown>): Promise<[string, boolean, string[]]> => {
  const error = await assertRejects(() => outcome, RpcError);
  return [error.kind, error.remote, violationsOf(error).map(({ path, rule }) => `${path} ${rule}`)];
};

describe("validate on streams", () => {
  it("passes messages that keep the rules", async () => {
    const options = { results: true };
    const both = {
      server: validate(RuledStreamsValidators, options),
      client: validate(RuledStreamsValidators, options),
    };
    const got = await withClient(both, async (client) => {
      assertEquals((await client.up(of(good, good))).a, 1);
      assertEquals(await all(client.down(good)), [1]);
      assertEquals(await all(client.both(of(good))), [1]);
    });
    assertEquals(got.length, 4);
  });

  it("on a client ends a call at the message that breaks a rule, which is not sent", async () => {
    const got = await withClient({ client: validate(RuledStreamsValidators) }, async (client) => {
      const expected: [string, boolean, string[]] = ["invalid", false, ["inner.a ge"]];
      assertEquals(await refused(client.up(of(good, bad, good))), expected);
      assertEquals(await refused(all(client.down(bad))), expected);
      assertEquals(await refused(all(client.both(of(good, bad)))), expected);
    });
    assertEquals(got.filter(({ a }) => a < 0), []);
  });

  it("on a server ends a call at the message that breaks a rule, which its handler does not see", async () => {
    const got = await withClient({ server: validate(RuledStreamsValidators) }, async (client) => {
      for (const outcome of [client.up(of(good, bad)), all(client.down(bad)), all(client.both(of(bad)))]) {
        assertEquals((await refused(outcome)).slice(0, 2), ["protocol", true]);
      }
    });
    assertEquals(got.filter(({ a }) => a < 0), []);
  });

  it("checks what servers send only when told to, each side in its own words", async () => {
    const sends = [bad, good];
    await withClient({ sends, server: validate(RuledStreamsValidators) }, async (client) => {
      assertEquals(await all(client.down(good)), [-1, 1]);
    });
    await withClient({ sends, client: validate(RuledStreamsValidators, { results: true }) }, async (client) => {
      assertEquals(await refused(client.up(of())), ["protocol", false, ["a ge"]]);
      assertEquals(await refused(all(client.down(good))), ["protocol", false, ["a ge"]]);
    });
    await withClient({ sends, server: validate(RuledStreamsValidators, { results: true }) }, async (client) => {
      assertEquals((await refused(client.up(of()))).slice(0, 2), ["internal", true]);
      assertEquals((await refused(all(client.both(of())))).slice(0, 2), ["internal", true]);
    });
  });
});
