/**
 * The tables of docs/defaults.md, as the rows of Kitex's defaults say them.
 *
 * @module
 */
import { oursOf, type Row } from "../lib/rpc/kitex_defaults.ts";

/** The lines of a table below its head: cells joined by `|`, not aligned. */
export async function linesOf(rows: readonly Row[]): Promise<string[]> {
  return await Promise.all(rows.map(async (row) => {
    const [kitex, value, , because] = row;
    const here = because === undefined ? "the same" : `${shown(await oursOf(row))}: ${because}`;
    return `|${kitex}|${shown(value)}|${here}|`;
  }));
}

/** Lines of a table with nothing left of how it is aligned. */
export function unaligned(line: string): string {
  return line.split("|").map((cell) => cell.trim()).join("|");
}

function shown(value: unknown): string {
  if (typeof value === "string") return `\`${value}\``;
  return value === Infinity ? "no limit" : typeof value === "number" ? value.toLocaleString("en") : String(value);
}
