/**
 * Starts the programs that are checked or measured against each other, and ends them again, each by its id.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { root } from "./bootstrap.mjs";
import { environment } from "./runtimes.mjs";

/** Most output kept of one program. */
const MAX_OUTPUT = 256 * 1024;
/** How long a server may take until it listens. */
const START_MS = 60_000;
/** How long a server may take to end after SIGTERM. */
const END_MS = 10_000;

/**
 * @typedef {object} Peer
 * @property {number} pid Process id.
 * @property {string[]} lines What it printed until it was ready.
 * @property {() => boolean} alive False once it ended.
 * @property {() => string} output The end of what it printed.
 * @property {() => Promise<{ code: number | null, signal: string | null }>} stop Ends it with SIGTERM, after ten seconds with SIGKILL.
 */

/**
 * Starts a server and waits until it printed a line that matches `ready`, `count` times.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ ready: RegExp, count?: number, env?: Record<string, string> }} options
 * @returns {Promise<Peer>}
 * @throws {Error} When it ends or is silent instead.
 */
export async function startPeer(program, args, { ready, count = 1, env = {} }) {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...environment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let ended;
  const end = new Promise((resolve) => {
    child.on("error", (error) => resolve(ended = { code: null, signal: error.message }));
    child.on("close", (code, signal) => resolve(ended = { code, signal }));
  });
  const take = (chunk) => output = (output + chunk).slice(-MAX_OUTPUT);
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const peer = {
    pid: child.pid,
    lines: [],
    alive: () => ended === undefined,
    output: () => output.trim(),
    async stop() {
      if (ended !== undefined) return ended;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
      await end;
      clearTimeout(timer);
      return ended;
    },
  };
  const isReady = () => {
    peer.lines = output.split("\n").slice(0, -1).filter((line) => ready.test(line));
    return peer.lines.length >= count;
  };
  await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${[program, ...args].join(" ")} ${why}\n${output.trim()}`));
    const timer = setTimeout(() => fail(`did not listen within ${START_MS / 1000} s`), START_MS);
    const look = () => {
      if (!isReady()) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    void end.then(() => {
      clearTimeout(timer);
      fail(`ended with ${ended.signal ?? `exit code ${ended.code}`} before it listened`);
    });
  }).catch(async (error) => {
    await peer.stop();
    throw error;
  });
  return peer;
}

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ timeoutMs: number, env?: Record<string, string> }} options
 * @returns {Promise<{ code: number | null, signal: string | null, output: string, late: boolean }>}
 */
export function runPeer(program, args, { timeoutMs, env = {} }) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...environment(), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let late = false;
    const take = (chunk) => output = (output + chunk).slice(-MAX_OUTPUT);
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    const done = (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, output, late });
    };
    child.on("error", (error) => done(null, error.message));
    child.on("close", done);
  });
}

/**
 * The path of a program on PATH.
 *
 * @param {string} name Its name.
 * @param {string} debianPackage The package of Debian that has it.
 * @returns {string}
 * @throws {Error} With a message for people if it is not there.
 */
export function programOf(name, debianPackage) {
  const found = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name)).find((path) =>
    existsSync(path)
  );
  if (found === undefined) {
    throw new Error(`${name} is missing: install the package "${debianPackage}" (Debian has it)`);
  }
  return found;
}

/**
 * Ports that were free a moment ago, all different: for programs that would not say which one the system chose.
 *
 * @param {number} count How many.
 * @returns {Promise<number[]>}
 */
export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () =>
    new Promise((resolve, reject) => {
      const server = createServer().on("error", reject).listen(0, "127.0.0.1", () => resolve(server));
    })));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
