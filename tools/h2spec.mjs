/**
 * h2spec in strict mode, held against the list of its cases in `tests/interop/h2spec_cases.txt`: one that is gone, was skipped
 * or is not in the list counts as failed, too.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./bootstrap.mjs";
import { runPeer } from "./peers.mjs";

const RUN_MS = 120_000;

/** Runs all cases against a server; gives the names of what passed, and `[name, text]` of what did not. */
export async function h2spec(program, address, tls = false) {
  const [host, port] = address.split(":");
  const folder = mkdtempSync(join(tmpdir(), "updraft-h2spec-"));
  try {
    const report = join(folder, "report.xml");
    const args = ["-S", "-h", host, "-p", port, "-o", "2", "-j", report, ...(tls ? ["-t", "-k"] : [])];
    const { output, late } = await runPeer(program, args, { timeoutMs: RUN_MS });
    if (late) return { passed: [], failed: [["h2spec", `did not end: ${output.slice(-2000)}`]] };
    return compare(expectedCases(), readReport(readFileSync(report, "utf8")));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The cases there have to be, a line each. */
function expectedCases() {
  const text = readFileSync(join(root, "tests", "interop", "h2spec_cases.txt"), "utf8");
  return text.split("\n").filter((line) => line !== "");
}

function compare(expected, results) {
  const passed = expected.filter((name) => results.get(name) === "");
  const failed = expected.filter((name) => results.get(name) !== "").map((name) => [
    name,
    `FAIL ${name}: ${results.get(name) ?? "did not run"}`,
  ]);
  for (const name of results.keys()) {
    if (!expected.includes(name)) failed.push([name, `FAIL ${name}: is not in the list of cases`]);
  }
  return { passed, failed };
}

/** What a report in JUnit's form says: of each case, as `http2/5.1/3: Title`, nothing or what went wrong. */
function readReport(xml) {
  const results = new Map();
  const counts = new Map();
  for (const [, section, title, rest] of xml.matchAll(CASE)) {
    const number = (counts.get(section) ?? 0) + 1;
    counts.set(section, number);
    results.set(`${section}/${number}: ${unescaped(title)}`, unescaped(rest).trim().replace(/\s+/g, " "));
  }
  return results;
}

const CASE = /<testcase package="([^"]*)" classname="([^"]*)"[^>]*>(.*?)<\/testcase>/gs;
const ENTITIES = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescaped(text) {
  return text.replace(/&(?:#(?:x([0-9a-fA-F]+)|(\d+))|(\w+));/g, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : parseInt(hex, 16));
  });
}
