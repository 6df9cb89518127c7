/**
 * `npm test`: runs the same test files under Deno, Bun and Node and ends with one line, `N passed, N failed`.
 *
 * `npm test -- [RUNTIME...] [PATH...]`: only these runtimes (deno, bun, node, node24), only files whose path contains one of
 * these. Each file runs in a process of its own on each runtime, some at a time. What counts as a failure beside a failed
 * case: a crash, a wrong exit code, an uncaught error, a report that is missing or cut short, no test in a file, and taking
 * too long.
 *
 * @module
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { root, run } from "./bootstrap.mjs";
import { runProgram } from "./processes.mjs";
import { runtimes } from "./runtimes.mjs";
import { report } from "./steps.mjs";
import { readReport } from "./test_reports.mjs";

/** Longest time one file may take on one runtime. */
const TIMEOUT_MS = 120_000;
/** Files that take longer than this are named at the end. */
const SLOW_SECONDS = 20;
/** Where tests with a command of their own are. */
const APART = "tests/package/";

/**
 * Runs the test files under `folder` that `args` choose, and prints failures and a line for each runtime.
 *
 * @param {string[]} args Names of runtimes and parts of paths.
 * @param {{ folder?: string, suffix?: string, timeoutMs?: number }} options Where the files are, from the root; what their
 * names end with; how long one may take on one runtime.
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runTests(args, { folder = "tests", suffix = "_test.ts", timeoutMs = TIMEOUT_MS } = {}) {
  const all = await runtimes();
  const named = all.filter(({ id }) => args.includes(id));
  const used = named.length > 0 ? named : all;
  const parts = args.filter((arg) => !all.some(({ id }) => id === arg)).map((part) => part.replace(/^\.\//, ""));
  const files = testFiles(folder, suffix).filter((file) =>
    parts.length === 0 || parts.some((part) => file.includes(part))
  );
  if (files.length === 0) throw new Error(`no test file under ${folder}/ matches ${parts.join(" ")}`);

  const temp = mkdtempSync(join(tmpdir(), "updraft-test-"));
  const totals = new Map(used.map(({ id }) => [id, { passed: 0, failed: 0, skipped: 0, seconds: 0 }]));
  const jobs = files.flatMap((file) => used.map((runtime) => ({ file, runtime })));
  const progress = startProgress(jobs.length);
  const slow = [];
  let next = 0;
  const work = async () => {
    while (next < jobs.length) {
      const index = next++;
      const { file, runtime } = jobs[index];
      const result = await runFile(runtime, file, join(temp, String(index)), timeoutMs);
      const total = totals.get(runtime.id);
      total.seconds += result.seconds;
      if (result.seconds > SLOW_SECONDS) slow.push(`${file} on ${runtime.title}, ${result.seconds.toFixed(0)} s`);
      for (const kind of ["passed", "skipped", "failed"]) total[kind] += result[kind].length;
      progress.done(result.failed.length);
      for (const failure of result.failed) show(runtime, file, failure);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.max(2, Math.min(8, availableParallelism())) }, work));
  } finally {
    progress.stop();
    rmSync(temp, { recursive: true, force: true });
  }

  if (slow.length > 0) console.log(`\nSlow:\n  ${slow.join("\n  ")}`);
  console.log();
  for (const { id, title } of used) {
    const { passed, failed, skipped, seconds } = totals.get(id);
    const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
    console.log(`  ${title.padEnd(24)} ${counts}  (${files.length} files, ${seconds.toFixed(0)} s)`);
  }
  const sum = (kind) => [...totals.values()].reduce((total, each) => total + each[kind], 0);
  return { passed: sum("passed"), failed: sum("failed") };
}

/** The test files under `folder`, as paths from the root. */
function testFiles(folder, suffix) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join("/"))
    .filter((path) => folder !== "tests" || !path.startsWith(APART))
    .sort();
}

/** Runs one file on one runtime; `path` is where the report goes. */
async function runFile(runtime, file, path, timeoutMs) {
  const started = Date.now();
  const args = testArgs(runtime, file, path, timeoutMs / 2);
  const { problem, late, output } = await runProgram(runtime.program, args, { timeoutMs });
  const result = readReport(runtime.id, path);
  const broken = (text) => result.failed.push({ name: "", text: `${text}\n${output.trim()}` });
  if (late) broken(`not over after ${timeoutMs / 1000} s: a test hangs, or something it opened was not closed`);
  else if (result.error) broken(`${result.error} (${problem ?? "exit code 0"})`);
  else if (problem && result.failed.length === 0) broken(`ended with ${problem}, though no test failed`);
  else if (result.passed.length + result.failed.length + result.skipped.length === 0) broken("has no test");
  return { ...result, seconds: (Date.now() - started) / 1000 };
}

/** The arguments that run one test file, each case for `caseMs` at most, and have it write its report to `path`. */
function testArgs(runtime, file, path, caseMs) {
  if (runtime.id === "deno") return ["test", "-A", "--no-check", "--quiet", `--junit-path=${path}`, file];
  if (runtime.id === "bun") {
    return ["test", `--timeout=${caseMs}`, "--reporter=junit", `--reporter-outfile=${path}`, `./${file}`];
  }
  const reporter = pathToFileURL(join(root, "tools", "node_reporter.mjs")).href;
  const reporting = [`--test-reporter=${reporter}`, `--test-reporter-destination=${path}`];
  return [...runtime.flags, `--test-timeout=${caseMs}`, ...reporting, file];
}

function show(runtime, file, { name, text }) {
  console.log(`\nFAILED ${runtime.title}: ${file}${name ? ` > ${name}` : ""}`);
  console.log(text.trimEnd().replace(/^/gm, "  "));
}

/** Shows how far it is: a line that is rewritten on a terminal, else one line now and then. */
function startProgress(jobs) {
  const terminal = process.stderr.isTTY === true;
  let done = 0;
  let failed = 0;
  let shown = 0;
  const print = () => {
    shown = Date.now();
    const text = `tests: ${done} of ${jobs} runs done${failed > 0 ? `, ${failed} failed` : ""}`;
    process.stderr.write(terminal ? `\r\x1b[K${text}` : `${text}\n`);
  };
  print();
  return {
    done(failures) {
      done++;
      failed += failures;
      if (terminal || done === jobs || Date.now() - shown > 10_000) print();
      if (terminal && failures > 0) process.stderr.write("\n");
    },
    stop() {
      if (terminal) process.stderr.write("\r\x1b[K");
    },
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await run(async () => {
    const args = process.argv.slice(2);
    const option = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
    const names = args.filter((arg) => !arg.startsWith("--"));
    const timeoutMs = Number(option("timeout-ms") ?? TIMEOUT_MS);
    return report(await runTests(names, { folder: option("folder"), suffix: option("suffix"), timeoutMs }));
  });
}
