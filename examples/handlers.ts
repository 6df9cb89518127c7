/**
 * One implementation of the `Greeter` service, shared by the examples and the demo.
 *
 * @module
 */
import { type GreeterHandlers, NotFound } from "./gen/greeter.ts";

const GREETINGS = new Map([["en", "hello"], ["de", "hallo"], ["zh", "你好"]]);

/** Handlers with a memory of their own. */
export function greeter(): GreeterHandlers {
  const balances = new Map([["ada", 100n]]);
  let notes = 0;
  return {
    hello: ({ name, language }) => ({ text: `${GREETINGS.get(language ?? "en") ?? "hello"} ${name}` }),
    add: (a, b) => a + b,
    note: () => void notes++,
    notes: () => notes,
    balance(id) {
      const balance = balances.get(id);
      if (balance === undefined) throw new NotFound({ id, message: `no account ${id}` });
      return balance;
    },
  };
}
