/**
 * What a real Kitex v0.16.0 client and server said to each other over `vec.thrift` and `vec.proto`, from `recordings.txt`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { readFileSync } from "node:fs";

/** One call, in hex. */
export interface Recording {
  readonly name: string;
  readonly call: string;
  /** What the server answered; `undefined` if nothing. */
  readonly answer: string | undefined;
}

/** All recorded calls. */
export function recordings(): Recording[] {
  const lines = readFileSync(fileURLToPath(new URL("recordings.txt", import.meta.url)), "utf8").trim().split("\n");
  const found: Recording[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (/^[CS] /.test(lines[i]!)) continue;
    const of = (side: string): string | undefined =>
      lines.slice(i + 1, i + 3).filter((line, at) => /^[CS] /.test(line) && (at === 0 || /^[CS] /.test(lines[i + 1]!)))
        .find((line) => line.startsWith(side))?.slice(2);
    found.push({ name: lines[i]!, call: of("C ")!, answer: of("S ") });
  }
  return found;
}
