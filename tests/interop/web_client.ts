/**
 * Checks clients that go by `fetch` against a server: `web_client.ts ours|connect-web ADDRESS`.
 *
 * Runs unchanged under `deno run -A`, `bun` and Node. Prints a line a case and ends with exit code 1 if any failed.
 *
 * @module
 */
import { autoPlatform } from "../../transports/auto_platform.ts";
import { connectWebSets } from "./js/connect_web.ts";
import { runCases } from "./js/run_cases.ts";
import { webClientSets } from "./js/web_client.ts";

const platform = await autoPlatform();
const [which, address] = platform.args;
const url = `http://${address}`;
const sets = which === "ours" ? webClientSets(url) : connectWebSets(url);
const lines: string[] = [];
const failed = await runCases(sets, (line) => void lines.push(line));
await platform.stdout.write(`${lines.join("\n")}\n`);
platform.setExitCode(failed > 0 ? 1 : 0);
