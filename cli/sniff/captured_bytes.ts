/**
 * Captured bytes in the forms people have them: as they are, as hexadecimal digits, as a hexdump.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";

/** The bytes that a capture holds: of text made of hexadecimal digits, what it says; of anything else, itself. */
export function capturedBytes(content: Uint8Array): Uint8Array {
  const text = new TextDecoder("latin1").decode(content);
  if (/[^\t\n\r\x20-\x7e]/.test(text) || text.trim() === "") return content;
  return hexBytes(text) ?? content;
}

/** The bytes of hexadecimal text. Throws an `RpcError` of kind `"invalid"` if it is none. */
export function parseHex(text: string): Uint8Array {
  const bytes = hexBytes(text);
  if (bytes === undefined) throw new RpcError("invalid", "the text is neither hexadecimal digits nor a hexdump");
  return bytes;
}

/** An offset as `xxd` (with a colon) and `hexdump -C` (with two blanks) print it, or as the last line of the latter. */
const OFFSET = /^\s*([0-9a-f]{4,16})(?::\s|\s{2}|:?\s*$)/i;

function hexBytes(text: string): Uint8Array | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const offsets = lines.map((line) => OFFSET.exec(line)?.[1]);
  const isDump = lines[0]?.trim() !== offsets[0] && offsets[0] !== undefined && parseInt(offsets[0], 16) === 0 &&
    offsets.every((offset) => offset !== undefined);
  const digits = isDump
    ? lines.map((line) => dumpDigits(line.replace(OFFSET, ""))).join("")
    : text.replace(/0x|\\x|[\s,|:]/gi, "");
  if (digits === "" || digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** The digits of a line without its offset: up to the text, which a bar or else two blanks begin. */
function dumpDigits(line: string): string {
  const bar = line.indexOf("|");
  const digits = bar >= 0 ? line.slice(0, bar) : line.trimStart().split(/ {2,}/)[0] ?? "";
  return digits.replace(/\s/g, "");
}
