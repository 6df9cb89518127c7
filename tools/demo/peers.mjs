/**
 * Starts programs on a runtime and reads the lines of JSON they say.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "../bootstrap.mjs";
import { environment } from "../runtimes.mjs";

/** Longest a program may take to end once it is asked to. */
const END_MS = 10_000;
/** Most of its complaints that are kept. */
const MAX_COMPLAINTS = 4_000;

/** Starts `program` on `runtime`. Whoever starts it calls `end` or `kill`. */
export function startPeer(runtime, args, program = "tools/demo/peer.mjs") {
  const child = spawn(runtime.program, [...runtime.flags, join(root, program), ...args], {
    cwd: root,
    env: environment(),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const facts = [];
  let complaints = "";
  let wake = () => {};
  let result; // undefined while it runs, then "" or what is wrong with its end
  let asked = false;
  child.stdin.on("error", () => {}); // it ended before it was asked to, which its exit code tells
  child.stderr.setEncoding("utf8").on("data", (text) => {
    if (complaints.length < MAX_COMPLAINTS) complaints += text;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    facts.push(parse(line));
    wake();
  });
  const ended = new Promise((resolve) => {
    const settle = (text) => {
      result ??= text;
      wake();
      resolve();
    };
    child.on("error", (error) => settle(`cannot be started: ${error.message}`));
    child.on("close", (code, signal) => settle(code === 0 ? "" : `ended with ${signal ?? `exit code ${code}`}`));
  });
  const broken = (text) =>
    new Error(`${runtime.title}, ${args[0]}: ${text}${complaints && `\n${complaints.trimEnd()}`}`);
  const lost = ended.then(() => {
    if (!asked) throw broken(result || "ended too soon");
  });
  lost.catch(() => {}); // not everyone listens to it

  return {
    /** Rejects if it ends before it was asked to. */
    lost,
    /** The next thing it says, or the next of a kind. Rejects if it fails or ends instead. */
    async next(kind) {
      for (;;) {
        const fact = facts.shift();
        if (fact === undefined) {
          if (result !== undefined) throw broken(result || "ended too soon");
          await new Promise((resolve) => wake = resolve);
        } else if (fact.failed && !fact.ends) throw broken(fact.failed);
        else if (kind === undefined || kind in fact) return fact;
      }
    },
    /** Closes its input and waits until it has ended by itself. Rejects if it does not, or with another code than 0. */
    async end() {
      asked = true;
      child.stdin.end();
      const timer = setTimeout(() => {
        result = `did not end within ${END_MS / 1000} s`;
        child.kill("SIGKILL");
      }, END_MS);
      await ended;
      clearTimeout(timer);
      if (result !== "") throw broken(result);
    },
    /** Ends it now. */
    kill() {
      asked = true;
      if (result === undefined) child.kill("SIGKILL");
    },
  };
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return { text: line }; // something a program printed beside what it reports
  }
}
