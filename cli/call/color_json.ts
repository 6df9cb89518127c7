/**
 * JSON text for terminals.
 *
 * @module
 */
import { printable } from "../print_diagnostics.ts";

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\b\d[\d.eE+-]*/g;

/** JSON text with colours: names blue, strings green, other values yellow. */
export function colorJson(json: string): string {
  return printable(json).replace(TOKEN, (token, text: string | undefined, colon: string | undefined) => {
    if (colon !== undefined) return `\x1b[34m${text}\x1b[0m${colon}`;
    return `\x1b[${text === undefined ? 33 : 32}m${token}\x1b[0m`;
  });
}
