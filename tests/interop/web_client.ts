/**
 * Checks clients that go by `fetch` against a server: `web_client.ts ours|connect-web ADDRESS [--apart]`, `--apart`
 * for servers whose calls know nothing of each other.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints a line a case and ends with exit code 1 if any failed.
 *
 * @module
 */
import { autoPlatform } from "../../transports/auto_platform.ts";
import { GIVEN_UP } from "./js/cases.ts";
import { connectWebSets } from "./js/connect_web.ts";
import { runCases } from "./js/run_cases.ts";
import { webClientSets } from "./js/web_client.ts";

const platform = await autoPlatform();
const [which, address, apart] = platform.args;
const url = `http://${address}`;
const all = which === "ours" ? webClientSets(url) : connectWebSets(url);
// A Worker's requests cannot wait for each other.
const sets = apart ? all.map((set) => ({ ...set, cases: set.cases.filter((cases) => cases !== GIVEN_UP) })) : all;
const lines: string[] = [];
const failed = await runCases(sets, (line) => void lines.push(line));
await platform.stdout.write(`${lines.join("\n")}\n`);
platform.setExitCode(failed > 0 ? 1 : 0);
