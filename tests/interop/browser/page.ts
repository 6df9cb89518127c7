/**
 * What runs in a page: the cases of clients that go by `fetch`. `check` is what the page gives to whoever drives it.
 *
 * @module
 */
import { STRANGER } from "../js/cases.ts";
import { connectWebSets } from "../js/connect_web.ts";
import { type CaseSet, runCases } from "../js/run_cases.ts";
import { webClientSets } from "../js/web_client.ts";

/** Whose clients: ours and connect-web's, ours alone, or ours in a page that the server does not allow to call. */
export type Which = "all" | "ours" | "stranger";

/** Runs the cases against the server at `url`; gives the lines that say how they went. */
async function check(which: Which, url: string): Promise<string[]> {
  const lines: string[] = [];
  await runCases(setsOf(which, url), (line) => void lines.push(line));
  return lines;
}

function setsOf(which: Which, url: string): CaseSet[] {
  if (which === "stranger") return webClientSets(url).map((set) => ({ ...set, cases: [STRANGER] }));
  return which === "ours" ? webClientSets(url) : [...webClientSets(url), ...connectWebSets(url)];
}

Object.assign(globalThis, { check });
