/**
 * The value of integers as the IDL writes them.
 *
 * @module
 */
import type { IntNode } from "./ast.ts";
import type { Diagnostics } from "./diagnostics.ts";
import type { SourceText } from "./source.ts";

/**
 * Value of an integer: `0x` hexadecimal, `0o` or a leading zero octal, else decimal, with an optional sign. Forms that
 * not everybody reads the same are warned of.
 */
export function readInt(node: IntNode, source: SourceText, diagnostics: Diagnostics): bigint {
  const { text } = node;
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/.exec(text) ?? [];
  const hasLeadingZero = /^0[0-9]/.test(digits);
  // Go's rule, but for digits that are not octal, where Go has none
  const isOctal = hasLeadingZero && !/[89]/.test(digits);
  const magnitude = BigInt(isOctal ? "0o" + digits : digits.replace(/^0+(?=\d)/, ""));
  const value = sign === "-" ? -magnitude : magnitude;
  if (isOctal) {
    diagnostics.warning(
      "UT4010",
      source,
      node,
      `${text} is octal, it means ${value}; Apache Thrift reads it as decimal`,
      {
        suggestion: "write 0o for an octal number, or leave the zero out",
      },
    );
  } else if (hasLeadingZero) {
    diagnostics.warning("UT1008", source, node, `Thriftgo rejects this: ${text} with a leading zero`, {
      suggestion: `write ${sign}${magnitude}`,
    });
  } else if (sign !== "" && digits.startsWith("0x")) {
    diagnostics.warning("UT1008", source, node, "Thriftgo rejects this: a hexadecimal number with a sign");
  }
  return value;
}
