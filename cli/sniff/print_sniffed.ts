/**
 * Frames for people and for programs.
 *
 * @module
 */
import { stringifyJson } from "../../codecs/generic/json_text.ts";
import { printable } from "../print_diagnostics.ts";
import type { Direction, Sniffed } from "./sniffed.ts";

/** Where and when bytes were seen. */
export interface Origin {
  /** Number of the connection, from 1. */
  readonly connection: number;
  /** Which side sent them. */
  readonly from: Direction;
  /** When, for live traffic. */
  readonly time: Date | undefined;
}

/** A frame as one line of JSON. */
export function sniffedJson(item: Sniffed, { connection, from, time }: Origin): string {
  const { protocol, summary, offset, bytes, details, error, dump } = item;
  return stringifyJson({
    ...(time === undefined ? {} : { time: time.toISOString() }),
    connection,
    from,
    protocol,
    offset,
    bytes,
    summary,
    ...details,
    ...(error === undefined ? {} : { error }),
    ...(dump === undefined ? {} : { hex: Array.from(dump, hexByte).join("") }),
  }, { nonFinite: "string" });
}

/** A frame as lines for people. */
export function sniffedText(item: Sniffed, { connection, from, time }: Origin, color: boolean): string {
  const paint = (style: number, text: string): string => color ? `\x1b[${style}m${text}\x1b[0m` : text;
  const arrow = from === "client" ? paint(36, ">") : paint(35, "<");
  const when = time === undefined ? "" : `${time.toISOString().slice(11, 23)} `;
  const where = time === undefined ? `@${item.offset}` : `#${connection}`;
  const summary = item.summary === "" ? "" : ` ${paint(1, printable(item.summary))}`;
  let text = `${when}${where} ${arrow} ${paint(32, item.protocol)}${summary} (${item.bytes} bytes)\n`;
  if (item.error !== undefined) text += `  ${paint(31, `error: ${printable(item.error)}`)}\n`;
  for (const [name, value] of Object.entries(item.details)) text += lines(name, value, "  ");
  if (item.dump !== undefined) text += hexdump(item.dump, item.bytes);
  return text;
}

/** Values in one line where that is short, else a line a member. */
function lines(name: string, value: unknown, indent: string): string {
  if (typeof value === "string" && name !== "") {
    return `${indent}${printable(name)}: ${printable(value).replaceAll("\n", "\\n")}\n`;
  }
  const short = printable(stringifyJson(value, { nonFinite: "string" }));
  if (short.length <= 100 || typeof value !== "object" || value === null) {
    return `${indent}${printable(name)}: ${short}\n`;
  }
  const members = value instanceof Map ? [...value] : Object.entries(value);
  const keyOf = (key: unknown): string =>
    typeof key === "object" ? stringifyJson(key, { nonFinite: "string" }) : String(key);
  return `${indent}${printable(name)}:\n${
    members.map(([key, part]) => lines(keyOf(key), part, `${indent}  `)).join("")
  }`;
}

/** Bytes with their offsets, and as text; `total` says how many there were. */
export function hexdump(bytes: Uint8Array, total: number = bytes.length): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const digits = Array.from(row, hexByte).join(" ");
    const chars = Array.from(row, (byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".").join("");
    text += `  ${at.toString(16).padStart(8, "0")}  ${digits.padEnd(47)}  |${chars}|\n`;
  }
  return total > bytes.length ? `${text}  ... ${total - bytes.length} more bytes\n` : text;
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
