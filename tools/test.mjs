/**
 * `npm test`: runs the same test files under Deno, Bun and Node and ends with one line, `N passed, N failed`.
 *
 * `npm test -- [RUNTIME...] [PATH...]`: only these runtimes (deno, bun, node, node24), only files whose path contains one of
 * these. Each file runs in a process of its own on each runtime, two at a time. What counts as a failure beside a failed case:
 * a crash, a wrong exit code, an uncaught error, a report that is missing or cut short, no test in a file, and taking too long.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { root, run } from "./bootstrap.mjs";
import { environment, runtimes } from "./runtimes.mjs";

/** Longest time one file may take on one runtime. */
const FILE_TIMEOUT_MS = 120_000;
/** Longest time one test may take, where the runtime asks for a limit. */
const CASE_TIMEOUT_MS = 60_000;
/** Most output kept of one file. */
const MAX_OUTPUT = 1024 * 1024;
/** Folders under tests/ with commands of their own. */
const APART = ["package"];

/**
 * Runs the test files under `folder` that `args` choose.
 *
 * @param {string[]} args Names of runtimes and parts of paths.
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runTests(args, folder = "tests", apart = APART) {
  const all = await runtimes();
  const chosen = all.filter(({ id }) => args.includes(id));
  const used = chosen.length > 0 ? chosen : all;
  const parts = args.filter((arg) => !all.some(({ id }) => id === arg)).map((
    part,
  ) => part.replace(/^\.\//, ""));
  const files = testFiles(join(root, folder), apart).filter((file) =>
    parts.length === 0 || parts.some((part) => file.includes(part))
  );
  if (files.length === 0) {
    throw new Error(`no test file under ${folder}/ matches ${parts.join(" ")}`);
  }

  const temp = mkdtempSync(join(tmpdir(), "updraft-test-"));
  const totals = new Map(
    used.map((
      { id },
    ) => [id, { passed: 0, failed: 0, skipped: 0, seconds: 0 }]),
  );
  const jobs = files.flatMap((file) => used.map((runtime) => ({ file, runtime })));
  const progress = startProgress(jobs.length);
  try {
    let next = 0;
    const work = async () => {
      while (next < jobs.length) {
        const index = next++;
        const { file, runtime } = jobs[index];
        const result = await runFile(runtime, file, join(temp, `${index}.xml`));
        const total = totals.get(runtime.id);
        total.seconds += result.seconds;
        for (const kind of ["passed", "skipped", "failed"]) {
          total[kind] += result[kind].length;
        }
        progress.done(result.failed.length);
        for (const failure of result.failed) show(runtime, file, failure);
      }
    };
    await Promise.all(
      Array.from(
        { length: Math.max(2, Math.min(8, availableParallelism())) },
        work,
      ),
    );
  } finally {
    progress.stop();
    rmSync(temp, { recursive: true, force: true });
  }

  console.log();
  let passed = 0;
  let failed = 0;
  for (const runtime of used) {
    const total = totals.get(runtime.id);
    passed += total.passed;
    failed += total.failed;
    const counts = `${total.passed} passed, ${total.failed} failed` +
      (total.skipped ? `, ${total.skipped} skipped` : "");
    console.log(
      `  ${runtime.title.padEnd(24)} ${counts}  (${files.length} files, ${total.seconds.toFixed(0)} s)`,
    );
  }
  return { passed, failed };
}

/** The test files under `folder`, as paths from the root. */
function testFiles(folder, apart) {
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return apart.includes(entry.name) || entry.name === "node_modules" ? [] : testFiles(path, []);
    }
    return entry.name.endsWith("_test.ts") ? [relative(root, path).split(sep).join("/")] : [];
  });
}

/** Runs one file on one runtime; each result list holds `{ name, text }`. */
async function runFile(runtime, file, report) {
  const started = Date.now();
  const { code, signal, output, late } = await start(
    runtime.program,
    testArgs(runtime, file, report),
  );
  const result = read(runtime, report);
  const broken = (text) => result.failed.push({ name: "", text: `${text}\n${output.trim()}` });
  if (late) {
    broken(
      `did not end within ${FILE_TIMEOUT_MS / 1000} s: a test hangs, or something it opened was not closed`,
    );
  } else if (result.error) {
    broken(`${result.error} (${signal ?? `exit code ${code}`})`);
  } else if (result.failed.length === 0 && code !== 0) {
    broken(
      `ended with ${signal ?? `exit code ${code}`}, though no test failed`,
    );
  } else if (
    result.passed.length + result.failed.length + result.skipped.length === 0
  ) broken("has no test");
  return { ...result, seconds: (Date.now() - started) / 1000 };
}

/** The arguments that run one test file and have it write its report. */
function testArgs(runtime, file, report) {
  if (runtime.id === "deno") {
    return [
      "test",
      "-A",
      "--no-check",
      "--quiet",
      `--junit-path=${report}`,
      file,
    ];
  }
  if (runtime.id === "bun") {
    return [
      "test",
      `--timeout=${CASE_TIMEOUT_MS}`,
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      `./${file}`,
    ];
  }
  const reporter = pathToFileURL(join(root, "tools", "node_reporter.mjs")).href;
  return [
    ...runtime.flags,
    `--test-timeout=${CASE_TIMEOUT_MS}`,
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${report}`,
    file,
  ];
}

/** Starts a program in a process group of its own, which is ended as a whole when it takes too long. */
function start(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
    });
    let output = "";
    let late = false;
    const take = (chunk) => {
      if (output.length < MAX_OUTPUT) output += chunk;
    };
    const kill = () => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        child.kill("SIGKILL"); // no process groups here, or the group is gone already
      }
    };
    const timer = setTimeout(() => {
      late = true;
      kill();
    }, FILE_TIMEOUT_MS);
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", reject);
    child.on("exit", kill); // programs that the tests left behind would keep the pipes open
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, output, late });
    });
  });
}

/** Reads a report: the cases, and `error` when it cannot be trusted. */
function read(runtime, report) {
  const result = { passed: [], failed: [], skipped: [], error: undefined };
  let text;
  try {
    text = readFileSync(report, "utf8");
  } catch {
    return { ...result, error: "crashed before it wrote a report" };
  }
  try {
    if (runtime.id === "deno" || runtime.id === "bun") {
      readJunit(text, runtime.id === "deno", result);
    } else readLines(text, result);
  } catch (error) {
    result.error = error.message;
  }
  return result;
}

function readLines(text, result) {
  const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line || "[]"));
  for (const [kind, path, message] of lines) {
    if (kind === "passed" || kind === "skipped" || kind === "failed") {
      result[kind].push(caseOf(path, message));
    } else if (kind === "broken") result.failed.push(caseOf(path, message));
  }
  if (lines.at(-1)[0] !== "end" && text !== "") {
    throw new Error("ended before its tests did");
  }
}

function caseOf(path, text = "") {
  return { name: path.join(" > "), text };
}

/** Reads JUnit XML as Deno and Bun write it: `<testcase>` elements, in Deno's case with suites among them, named `suite > case`. */
function readJunit(text, steps, result) {
  if (!text.trimEnd().endsWith("</testsuites>")) {
    throw new Error("wrote a report that is cut short");
  }
  const cases = [];
  for (
    const [, attributes, body = ""] of text.matchAll(
      /<testcase\s([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g,
    )
  ) {
    const name = attribute(attributes, "name");
    const within = steps ? "" : attribute(attributes, "classname").split(" > ").reverse().join(" > ");
    const problem = /<(?:failure|error)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/(?:failure|error)>)/
      .exec(body);
    cases.push({
      name: within ? `${within} > ${name}` : name,
      kind: problem ? "failed" : /<skipped\b/.test(body) ? "skipped" : "passed",
      text: problem ? unescape(problem[2] || "") || attribute(problem[1], "message") : "",
    });
  }
  const names = cases.map(({ name }) => name);
  for (const { name, kind, text } of cases) {
    const suite = steps &&
      names.some((other) => other.startsWith(`${name} > `));
    if (!suite) result[kind].push({ name, text });
    else if (kind === "failed" && !/^\d+ test steps? failed\.?$/.test(text)) {
      result.failed.push({ name, text }); // a hook of it
    }
  }
}

function attribute(text, name) {
  return unescape(new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? "");
}

function unescape(text) {
  const entities = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (all, hex, decimal, name) =>
      name ? entities[name] ?? all : String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal)),
  );
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
    const text = `tests: ${done} of ${jobs} runs done` +
      (failed ? `, ${failed} failed` : "");
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

if (
  process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href
) {
  await run(async () => {
    const { passed, failed } = await runTests(process.argv.slice(2));
    console.log(`${passed} passed, ${failed} failed`);
    return failed > 0 || passed === 0 ? 1 : 0;
  });
}
