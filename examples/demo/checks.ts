/**
 * What the demo asks each server, and what it must answer.
 *
 * @module
 */
import type { Client } from "@updraft/rpc";
import type { GreeterClient } from "../gen/greeter.ts";
import type { GreeterCode } from "./service.ts";

/** Checks every method once; throws an error that says which answer was wrong. */
export async function check(client: Client<GreeterClient>, { NotFound }: GreeterCode): Promise<number> {
  expect("hello", (await client.hello({ name: "Ada" })).text, "hello Ada");
  expect("hello in Chinese", (await client.hello({ name: "Ada", language: "zh" })).text, "你好 Ada");
  expect("add, all 64 bits", await client.add(2n ** 62n, 2n ** 62n - 1n), 2n ** 63n - 1n);
  const before = await client.notes();
  for (const text of ["one", "two", "three"]) expect("note, oneway", await client.note(text), undefined);
  expect("notes", await client.notes(), before + 3);
  expect("balance", await client.balance("ada"), 2n ** 40n);
  const error = await client.balance("bob").then(() => undefined, (error: unknown) => error);
  if (!(error instanceof NotFound)) throw new Error(`balance of bob: expected NotFound, got ${error}`);
  expect("NotFound", `${error.id}: ${error.message}`, "bob: no account bob");
  return 8;
}

function expect(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`);
}
