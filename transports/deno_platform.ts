/**
 * Deno as a `Platform`.
 *
 * @module
 */
import { RpcError } from "../lib/errors.ts";
import type { Child, Dns, OutStream, Platform, SpawnOptions } from "../lib/platform.ts";
import { denoFiles, type DenoFs } from "./deno_files.ts";
import { programError } from "./file_errors.ts";

/** A standard stream. */
interface DenoOut {
  write(bytes: Uint8Array): Promise<number>;
  isTerminal(): boolean;
}

/** `Deno.ChildProcess`. */
interface DenoChild {
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly status: Promise<{ readonly code: number }>;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/** The parts of `Deno` used here. */
interface DenoProcess extends DenoFs {
  readonly args: string[];
  readonly env: { get(name: string): string | undefined };
  readonly stdin: { readonly readable: ReadableStream<Uint8Array> };
  readonly stdout: DenoOut;
  readonly stderr: DenoOut;
  exitCode: number;
  exit(code: number): void;
  cwd(): string;
  execPath(): string;
  consoleSize(): { readonly columns: number };
  addSignalListener(signal: "SIGINT" | "SIGTERM", handler: () => void): void;
  removeSignalListener(signal: "SIGINT" | "SIGTERM", handler: () => void): void;
  readonly Command: new (command: string, options: {
    args: readonly string[];
    cwd?: string;
    env?: Readonly<Record<string, string>>;
    stdin: "piped";
    stdout: "piped";
    stderr: "piped";
  }) => { spawn(): DenoChild };
}

declare const Deno: DenoProcess;

/** The platform of Deno. */
export function denoPlatform(): Platform {
  return {
    name: "deno",
    args: Deno.args,
    env: (name) => Deno.env.get(name),
    cwd: () => Deno.cwd(),
    stdout: outStream(Deno.stdout),
    stderr: outStream(Deno.stderr),
    get stdin() {
      return Deno.stdin.readable;
    },
    files: denoFiles(Deno),
    execPath: Deno.execPath(),
    scriptCommand: (path) => [Deno.execPath(), "run", "-A", path],
    spawn,
    onSignal(handler) {
      const onInt = (): void => handler("SIGINT");
      const onTerm = (): void => handler("SIGTERM");
      Deno.addSignalListener("SIGINT", onInt);
      Deno.addSignalListener("SIGTERM", onTerm);
      return () => {
        Deno.removeSignalListener("SIGINT", onInt);
        Deno.removeSignalListener("SIGTERM", onTerm);
      };
    },
    setExitCode(code) {
      Deno.exitCode = code;
    },
    exit: (code) => Deno.exit(code),
    // Deno.resolveDns asks name servers only and knows nothing of the hosts file.
    resolve: async (hostname) => await (await import("./node_resolve.ts")).resolveHost(hostname),
    // Nor does it tell how long an answer holds.
    dns(servers) {
      let asking: Promise<Dns> | undefined;
      const ask = (): Promise<Dns> => asking ??= import("./node_dns.ts").then(({ nodeDns }) => nodeDns(servers));
      return {
        addresses: async (hostname) => await (await ask()).addresses(hostname),
        services: async (name) => await (await ask()).services(name),
      };
    },
  };
}

// deno-lint-ignore require-await -- what spawn throws is to reject
async function spawn(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<Child> {
  let child: DenoChild;
  try {
    child = new Deno.Command(command, { args, ...options, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  } catch (cause) {
    throw programError(command, options.cwd, cause);
  }
  let over = false;
  const exited = child.status.then(({ code }) => {
    over = true;
    return { code };
  });
  const { pid, stdin, stdout, stderr } = child;
  return {
    pid,
    stdin,
    stdout,
    stderr,
    exited,
    kill(force) {
      if (over) return;
      try {
        child.kill(force ? "SIGKILL" : "SIGTERM");
      } catch {
        // It ended a moment ago, which is what was wanted.
      }
    },
  };
}

function outStream(stream: DenoOut): OutStream {
  const writeBytes = async (bytes: Uint8Array): Promise<void> => {
    try {
      for (let sent = 0; sent < bytes.length;) sent += await stream.write(bytes.subarray(sent));
    } catch (cause) {
      throw RpcError.from(cause);
    }
  };
  return {
    write: (text) => writeBytes(new TextEncoder().encode(text)),
    writeBytes,
    get isTerminal() {
      return stream.isTerminal();
    },
    get columns() {
      return stream.isTerminal() ? Deno.consoleSize().columns : undefined;
    },
  };
}
