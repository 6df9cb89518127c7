/**
 * How the Binary protocol writes things, for finding the end of a message.
 *
 * @module
 */
import { fixedBytes } from "./binary_skip.ts";
import { type Cursor, type Grammar, MORE } from "./tree_scanner.ts";
import { TType } from "./ttype.ts";

/** The grammar of Binary messages; `acceptOld` also takes those without a version. */
export function binaryGrammar(acceptOld: boolean): Grammar {
  return {
    envelope(c: Cursor): boolean {
      if (!c.has(4)) return false;
      const word = i32(c, 0);
      const old = word >= 0 && acceptOld;
      if (!old && word >>> 16 !== 0x8001) throw c.fail(`bad version 0x${(word >>> 0).toString(16).padStart(8, "0")}`);
      if (!old && !c.has(8)) return false;
      const length = old ? word : i32(c, 4);
      if (length < 0) throw c.fail(`negative name length ${length}`);
      if (length > c.limits.maxNameBytes) {
        throw c.fail(`method name of ${length} bytes exceeds ${c.limits.maxNameBytes}`);
      }
      c.at += (old ? 4 + 1 : 8) + length + 4;
      return true;
    },
    field(c: Cursor): number {
      if (!c.has(1)) return MORE;
      const ttype = c.bytes[c.at]!;
      c.at += ttype === TType.STOP ? 1 : 3;
      return ttype;
    },
    scalar(c: Cursor, ttype: number): boolean {
      const fixed = fixedBytes(ttype);
      if (fixed > 0) {
        c.at += fixed;
        return true;
      }
      if (ttype !== TType.STRING) throw c.fail(`unknown type ${ttype}`);
      if (!c.has(4)) return false;
      c.skipString(i32(c, 0), 4);
      return true;
    },
    list(c: Cursor): number {
      if (!c.has(5)) return MORE;
      const size = i32(c, 1);
      c.checkSize(size);
      c.element = c.bytes[c.at]!;
      c.at += 5;
      return size;
    },
    map(c: Cursor): number {
      if (!c.has(6)) return MORE;
      const size = i32(c, 2);
      c.checkSize(size);
      c.key = c.bytes[c.at]!;
      c.element = c.bytes[c.at + 1]!;
      c.at += 6;
      return size;
    },
    fixed: fixedBytes,
  };
}

function i32(c: Cursor, offset: number): number {
  const { bytes } = c;
  const at = c.at + offset;
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
