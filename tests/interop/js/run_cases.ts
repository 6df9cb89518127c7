/**
 * Runs cases with clients, one after the other, and tells how each went.
 *
 * @module
 */
import type { CaseClient } from "./client.ts";
import type { Cases } from "./cases.ts";

/** Longest time a case may take. */
const CASE_MS = 20_000;

/** A client and what it is checked in. */
export interface CaseSet {
  /** What makes it different from others; goes before the names of its cases. Empty if there is one only. */
  readonly name: string;
  /** Makes the client. */
  client(): CaseClient;
  /** Its cases. */
  readonly cases: readonly Cases[];
}

/** Runs all cases; `print` gets a line a case and one with how many passed. Gives how many failed. */
export async function runCases(sets: readonly CaseSet[], print: (line: string) => void): Promise<number> {
  let [passed, failed] = [0, 0];
  for (const { name, client, cases } of sets) {
    const made = client();
    for (const [what, run] of cases.flatMap((group) => Object.entries(group))) {
      const title = name === "" ? what : `${name}: ${what}`;
      try {
        await inTime(run(made));
        passed++;
        print(`PASS ${title}`);
      } catch (error) {
        failed++;
        const text = String((error as Error)?.message ?? error).replaceAll("\n", " ").slice(0, 300);
        print(`FAIL ${title}: ${text}`);
      }
    }
    await made.close();
  }
  print(`${passed} passed, ${failed} failed`);
  return failed;
}

async function inTime(running: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${CASE_MS} ms`)), CASE_MS);
  });
  try {
    await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}
