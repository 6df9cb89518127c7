/**
 * Reads what each runtime's test runner reports: the cases of one file, passed, failed and skipped.
 *
 * Deno and Bun write JUnit XML, each in its own way; Node writes the lines of `node_reporter.mjs`.
 *
 * @module
 */
import { readFileSync } from "node:fs";

/**
 * @typedef {{ name: string, text: string }} Case A test's full name, and why it failed.
 * @typedef {{ passed: Case[], failed: Case[], skipped: Case[], error?: string }} Report
 */

/**
 * Reads a report file; `error` says why it cannot be trusted.
 *
 * @param {"deno" | "bun" | "node" | "node24"} runtime
 * @param {string} path
 * @returns {Report}
 */
export function readReport(runtime, path) {
  const report = { passed: [], failed: [], skipped: [], error: undefined };
  let text;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return { ...report, error: "crashed before it wrote a report" };
  }
  try {
    if (runtime === "deno" || runtime === "bun") readJunit(text, runtime === "deno", report);
    else readLines(text, report);
  } catch (error) {
    report.error = error.message;
  }
  return report;
}

function readLines(text, report) {
  const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line || "[]"));
  for (const [kind, path, text = ""] of lines) {
    const list = kind === "broken" ? report.failed : report[kind];
    if (Array.isArray(list)) list.push({ name: path.join(" > "), text });
  }
  if (lines.at(-1)[0] !== "end" && text !== "") throw new Error("ended before its tests did");
}

/** `steps`: Deno's way, in which a suite is a case too and its cases are named `suite > case`. */
function readJunit(text, steps, report) {
  if (!text.trimEnd().endsWith("</testsuites>")) throw new Error("wrote a report that is cut short");
  const cases = [];
  for (const [, attributes, body = ""] of text.matchAll(/<testcase\s([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const name = attribute(attributes, "name");
    const suites = steps ? "" : attribute(attributes, "classname").split(" > ").reverse().join(" > ");
    const problem = /<(?:failure|error)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/(?:failure|error)>)/.exec(body);
    cases.push({
      name: suites ? `${suites} > ${name}` : name,
      kind: problem ? "failed" : /<skipped\b/.test(body) ? "skipped" : "passed",
      text: problem ? unescape(problem[2] || "") || attribute(problem[1], "message") : "",
    });
  }
  for (const { name, kind, text } of cases) {
    const suite = steps && cases.some((other) => other.name.startsWith(`${name} > `));
    if (!suite) report[kind].push({ name, text });
    else if (kind === "failed" && !/^\d+ test steps? failed\.?$/.test(text)) report.failed.push({ name, text }); // its hook
  }
}

function attribute(text, name) {
  return unescape(new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? "");
}

function unescape(text) {
  const named = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) => {
    if (name) return named[name] ?? all;
    return String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal));
  });
}
