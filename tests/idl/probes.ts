/**
 * Small IDLs, each with the verdicts of Thriftgo 0.4.5 and Apache Thrift 0.17, seen by running them.
 *
 * @module
 */
import probes from "./probes.json" with { type: "json" };

/** What a compiler said. */
export type Verdict = "accept" | "reject" | "crash" | "timeout";

/** One IDL and its verdicts. */
export interface Probe {
  /** Its name, which says what it tries. */
  readonly name: string;
  /** The files; the one to compile is `main.thrift`. */
  readonly files: Readonly<Record<string, string>>;
  /** Verdict of Thriftgo 0.4.5. */
  readonly thriftgo: Verdict;
  /** Verdict of Apache Thrift 0.17. */
  readonly apache: Verdict;
}

/** All probes. */
export const PROBES: readonly Probe[] = probes as unknown as readonly Probe[];

/** The text of every file of every probe. */
export const PROBE_TEXTS: readonly string[] = PROBES.flatMap((probe) => Object.values(probe.files));
