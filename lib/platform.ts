/**
 * What programs need of their runtime beside sockets: arguments, files, processes, signals. Passed in, never reached for.
 *
 * Implemented in `transports/<runtime>_platform.ts`.
 *
 * @module
 */

/** A change under a watched path. */
export interface FileChange {
  /** Path that changed, as far as the runtime says. */
  readonly path: string;
}

/** An entry of a folder. */
export interface DirEntry {
  /** Name without its folder. */
  readonly name: string;
  /** What it is; links are followed. */
  readonly kind: "file" | "directory" | "other";
}

/** How a child process ended. */
export interface ExitStatus {
  /** Exit code; 128 + signal number when a signal ended it. */
  readonly code: number;
}

/** A running child process. */
export interface Child {
  /** Process id. */
  readonly pid: number;
  /** Its standard input; close it to send EOF. */
  readonly stdin: WritableStream<Uint8Array>;
  /** Its standard output. */
  readonly stdout: ReadableStream<Uint8Array>;
  /** Its standard error. */
  readonly stderr: ReadableStream<Uint8Array>;
  /** Resolves when it has ended. */
  readonly exited: Promise<ExitStatus>;
  /** Ends it: SIGTERM, or SIGKILL with `force`. */
  kill(force?: boolean): void;
}

/** Options of `Platform.spawn`. */
export interface SpawnOptions {
  /** Working directory. Default: this process's. */
  readonly cwd?: string;
  /** Variables added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Output of a program. */
export interface OutStream {
  /** Writes text as UTF-8; resolves when it is taken. */
  write(text: string): Promise<void>;
  /** Writes bytes; resolves when they are taken. */
  writeBytes(bytes: Uint8Array): Promise<void>;
  /** True on a terminal. */
  readonly isTerminal: boolean;
  /** Columns of the terminal, or `undefined`. */
  readonly columns: number | undefined;
}

/** Options of `Files.watch`. */
export interface WatchOptions {
  /** Leaves out what is in folders of a watched folder. Default `false`. */
  readonly shallow?: boolean;
}

/** File access; paths are relative to `cwd()`. All reject with an `RpcError` of kind `"invalid"` that names the path. */
export interface Files {
  /** Reads all of a file. */
  read(path: string): Promise<Uint8Array>;
  /** Reads all of a file as UTF-8. */
  readText(path: string): Promise<string>;
  /** Writes a file whole, through a temporary name beside it, so that readers never see half of it; not one that is read-only. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** What is at the path, or `null` if nothing is. Links are followed. */
  stat(path: string): Promise<{ readonly kind: DirEntry["kind"]; readonly mtimeMs: number } | null>;
  /** The path with links resolved. */
  realPath(path: string): Promise<string>;
  /** Entries of a folder, sorted by name. */
  list(path: string): Promise<DirEntry[]>;
  /** Makes a folder and those above it. */
  makeDir(path: string): Promise<void>;
  /** Makes a new folder for temporary files and gives its path. */
  makeTempDir(prefix: string): Promise<string>;
  /** Removes a file or a whole folder; nothing there is fine. */
  remove(path: string): Promise<void>;
  /**
   * Reports changes of the paths until the signal fires: of folders with all that is below them, or with `shallow` only what is
   * directly in them. A path where nothing is reports what comes there, as long as its folder is there.
   */
  watch(paths: readonly string[], signal: AbortSignal, options?: WatchOptions): AsyncIterable<FileChange>;
}

/** The runtime, as far as Updraft uses it. */
export interface Platform {
  /** `"deno"`, `"bun"` or `"node"`. */
  readonly name: "deno" | "bun" | "node";
  /** Arguments after the script's name. */
  readonly args: readonly string[];
  /** One environment variable. */
  env(name: string): string | undefined;
  /** The working directory. */
  cwd(): string;
  /** Standard output. */
  readonly stdout: OutStream;
  /** Standard error. */
  readonly stderr: OutStream;
  /** Standard input. */
  readonly stdin: ReadableStream<Uint8Array>;
  /** Files. */
  readonly files: Files;
  /** The path of this runtime's own executable. */
  readonly execPath: string;
  /**
   * The command line that runs a script with this runtime: on Node and Bun with the flags this program was started with, on Deno
   * with all permissions.
   */
  scriptCommand(path: string): [string, ...string[]];
  /** Starts a process without a shell; rejects with kind `"invalid"` if there is no such program. */
  spawn(command: string, args: readonly string[], options?: SpawnOptions): Promise<Child>;
  /** Calls `handler` on SIGINT or SIGTERM instead of ending; gives a function that stops that. */
  onSignal(handler: (signal: "SIGINT" | "SIGTERM") => void): () => void;
  /** Sets the exit code and lets the program end by itself. */
  setExitCode(code: number): void;
  /** Ends the program at once, whatever still runs; what was written must have been taken. */
  exit(code: number): void;
  /** Addresses of a host name, as the system finds them: its hosts file, then name servers. */
  resolve(hostname: string): Promise<string[]>;
  /** Asks name servers: those of the system, or others, `address` or `address:port`. */
  dns(servers?: readonly string[]): Dns;
}

/**
 * Name servers. Both methods reject with an `RpcError` of kind `"connect"` where none answers; a name that does not exist or has no
 * such record is an empty list, on Deno so is a server that says that it failed.
 */
export interface Dns {
  /** The A and AAAA records of a host; none is an empty list. */
  addresses(hostname: string): Promise<DnsAddress[]>;
  /** The SRV records of a service, `_service._proto.name`; none is an empty list. */
  services(name: string): Promise<DnsService[]>;
}

/** An address of a host. */
export interface DnsAddress {
  /** IPv4 or IPv6. */
  readonly address: string;
  /** Seconds for which that holds; `undefined` if nobody said so. */
  readonly ttlSeconds: number | undefined;
}

/** One record of a service. */
export interface DnsService {
  /** The host. */
  readonly target: string;
  /** Its port. */
  readonly port: number;
  /** Servers of the lowest number are used, others only where there are none of those. */
  readonly priority: number;
  /** Its share of the calls beside those of the same priority. */
  readonly weight: number;
}
